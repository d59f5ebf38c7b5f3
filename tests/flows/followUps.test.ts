import { beforeAll, describe, expect, test, vi } from 'vitest';
import { startShop } from '../support/shop.ts';

/*
 * Follow-ups through the whole platform: the practice's server says who somebody is, the telephone system says that a
 * call was missed, recipients decide by the links in mails, and everything else happens by itself.
 */
// Each function starts when it is first needed: the first test waits for all of them, on busy machines for long.
vi.setConfig({ testTimeout: 240_000 });

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
}, 240_000);

/** Longer than the cap on mails after missed calls. */
const beyondCapMs = 5 * 60 * 60_000;

interface Person {
  email: string;
  phone: string;
}

/** Somebody with a number and a mailbox, as the shop's server knows them. */
async function person(name: string, phone: string): Promise<Person> {
  const known = { email: `${name}@example.com`, phone };
  await introduce(known);
  return known;
}

async function introduce({ email, phone }: Person, language = 'en'): Promise<void> {
  await shop.identify({ anonymousId: `${phone}-cart`, traits: { email, phone, language } });
}

async function change(path: 'links' | 'links/remove', one: Person, other: Person): Promise<void> {
  const id = await shop.customerOf(`email:${one.email}`);
  const body = { a: `email:${one.email}`, b: `email:${other.email}`, reason: 'they said so' };
  const answer = await shop.call('POST', `/customers/${id}/${path}`, { headers: shop.agent, body });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  await shop.settle();
}

/** What became of a call that is missed now: to which mailbox a mail went, or why none did. */
async function missedCallOf({ phone }: Person): Promise<string> {
  const before = await outcomes(phone);
  await shop.missedCall(phone);
  const [outcome, ...more] = (await outcomes(phone)).slice(before.length);
  expect(more).toEqual([]);
  return outcome ?? 'nothing yet';
}

async function outcomes(phone: string): Promise<string[]> {
  const timeline = await shop.timelineOf(`phone:${phone}`);
  return timeline.flatMap(({ identifiers, properties, type }) => {
    if (type === 'message.sent') return [identifiers.find((one) => one.type === 'email')?.value ?? ''];
    return type === 'follow-up.suppressed' ? [String(properties.reason)] : [];
  });
}

async function consentOf({ email }: Person): Promise<string> {
  const id = await shop.customerOf(`email:${email}`);
  const { body } = await shop.call('GET', `/customers/${id}/context`, { headers: shop.agent });
  return body.consent['service-recovery']?.state ?? 'undecided';
}

const decisionsOf = (...people: Person[]) => Promise.all(people.map(consentOf));

/** The link in the latest mail to somebody. */
async function unsubscribeLink({ email }: Person): Promise<string> {
  const [mail] = await shop.mailsTo(email);
  return /^List-Unsubscribe: <(\S+)>/m.exec(mail?.raw ?? '')?.[1] ?? '';
}

async function decide(link: string, body: Record<string, string>): Promise<void> {
  await shop.advance(60_000);
  const answer = await fetch(link, { method: 'POST', redirect: 'error', body: new URLSearchParams(body) });
  expect(answer.status).toBe(200);
  await shop.settle();
}
const oneClick = { 'List-Unsubscribe': 'One-Click' };

/** Two mailboxes that were both written to, and the links in their mails. */
async function twoMailboxes(name: string, phone: string) {
  const work = await person(`${name}-work`, `${phone}1`);
  const home = await person(`${name}-home`, `${phone}2`);
  expect(await missedCallOf(work)).toBe(work.email);
  expect(await missedCallOf(home)).toBe(home.email);
  return { work, home, links: { work: await unsubscribeLink(work), home: await unsubscribeLink(home) } };
}

describe('a missed call', () => {
  const jonas = { email: 'jonas.reuter@example.com', phone: '+491713920044' };

  test('brings a German mail, its delivery comes back, and one click stops the next one', async () => {
    await introduce(jonas, 'de');
    expect(await missedCallOf(jonas)).toBe(jonas.email);
    const [mail, ...more] = await shop.mailsTo(jonas.email);
    expect([mail?.subject, more]).toEqual(['Wir haben Ihren Anruf verpasst', []]);
    const delivered = await shop.happened(`phone:${jonas.phone}`, 'email.delivered');
    expect(delivered.properties.message).toBe((await shop.happened(`phone:${jonas.phone}`, 'message.sent')).id);

    const link = await unsubscribeLink(jonas);
    expect(link.startsWith(`${shop.url}/unsubscribe/`)).toBe(true);
    await decide(link, oneClick);
    expect(await missedCallOf(jonas)).toBe('unsubscribed');
    const suppressed = await shop.happened(`phone:${jonas.phone}`, 'follow-up.suppressed');
    expect(suppressed.properties.playbook).toBe('missed-call');
    expect(await shop.mailsTo(jonas.email)).toHaveLength(1);
  });

  test('is not followed by another mail to an address that bounces, and the timeline says so', async () => {
    const bouncing = { email: 'bounce+lena@simulator.amazonses.com', phone: '+493023125117' };
    await introduce(bouncing);
    expect(await missedCallOf(bouncing)).toBe(bouncing.email);
    await shop.happened(`phone:${bouncing.phone}`, 'email.bounced');
    expect((await shop.mailsTo(bouncing.email)).map(({ subject }) => subject)).toEqual(['We missed your call']);
    expect(await missedCallOf(bouncing)).toBe('address-suppressed');
  });

  test('of a number of which nobody has said yet whose it is brings a mail once somebody has', async () => {
    const late = { email: 'late@example.com', phone: '+493023125118' };
    expect(await missedCallOf(late)).toBe('nothing yet');
    await introduce(late);
    await shop.advance(3 * 60_000);
    expect(await outcomes(late.phone)).toEqual([late.email]);
  });
});

describe('of two mailboxes', () => {
  test('an objection at one holds for both while they are one customer, and then for itself alone', async () => {
    const { home, links, work } = await twoMailboxes('lena', '+49302312520');
    await change('links', work, home);
    expect(await shop.customerOf(`email:${work.email}`)).toBe(await shop.customerOf(`email:${home.email}`));
    await decide(links.home, oneClick);
    expect(await decisionsOf(work, home)).toEqual(['withdrawn', 'withdrawn']);
    expect(await missedCallOf(work)).toBe('unsubscribed');
    expect(await missedCallOf(home)).toBe('unsubscribed');

    await change('links/remove', work, home);
    expect(await shop.customerOf(`email:${work.email}`)).not.toBe(await shop.customerOf(`email:${home.email}`));
    expect(await decisionsOf(work, home)).toEqual(['undecided', 'withdrawn']);
    await shop.advance(beyondCapMs);
    expect(await missedCallOf(work)).toBe(work.email);
    expect(await missedCallOf(home)).toBe('unsubscribed');
    expect(await shop.mailsTo(home.email)).toHaveLength(1);
  });

  test('an agreement at one lifts an earlier objection at the other while they are one customer, and no longer', async () => {
    const { home, links, work } = await twoMailboxes('mira', '+49302312530');
    await change('links', work, home);
    await decide(links.work, oneClick);
    expect(await missedCallOf(home)).toBe('unsubscribed');
    await decide(links.home, { decision: 'granted' });
    expect(await decisionsOf(work, home)).toEqual(['granted', 'granted']);
    await shop.advance(beyondCapMs);
    // They are one customer's: a mail goes to either.
    expect([work.email, home.email]).toContain(await missedCallOf(work));

    await change('links/remove', work, home);
    expect(await decisionsOf(work, home)).toEqual(['withdrawn', 'granted']);
    await shop.advance(beyondCapMs);
    expect(await missedCallOf(work)).toBe('unsubscribed');
    expect(await missedCallOf(home)).toBe(home.email);
  });
});
