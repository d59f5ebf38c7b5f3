import { beforeAll, expect, test, vi } from 'vitest';
import { startShop } from '../support/shop.ts';

/*
 * One customer with two mailboxes, and later two customers: what each mailbox decided, through the whole platform.
 */
// Each function starts when it is first needed: the first test waits for all of them, on busy machines for long.
vi.setConfig({ testTimeout: 240_000 });

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
}, 240_000);

const hourMs = 60 * 60_000;
/** Longer than the cap on mails after missed calls. */
const nextCallMs = 5 * hourMs;

interface Person {
  email: string;
  phone: string;
}

/** Somebody with a number and a mailbox, as the shop's server knows them. */
async function person(name: string, phone: string): Promise<Person> {
  const email = `${name}@example.com`;
  await shop.identify({ anonymousId: `${name}-cart`, traits: { email, phone, language: 'en' } });
  // A call that comes in before the number is known to be somebody's has no address, for good.
  await shop.until(async () => {
    const [byEmail, byPhone] = [await shop.customerOf(`email:${email}`), await shop.customerOf(`phone:${phone}`)];
    return byEmail !== undefined && byEmail === byPhone;
  });
  return { email, phone };
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
  await shop.advance(nextCallMs);
  const before = await outcomes(phone);
  await shop.missedCall(phone);
  return shop.until(async () => {
    const after = await outcomes(phone);
    return after.length > before.length && after.at(-1);
  });
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

/** Waits until that is what both are shown to have decided. */
async function decided(work: [Person, string], home: [Person, string]): Promise<void> {
  await shop.until(async () => {
    const shown = await Promise.all([work, home].map(async ([one, state]) => (await consentOf(one)) === state));
    return shown.every((isShown) => isShown);
  });
}

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

test('an objection at one mailbox holds for both while they are one customer, and then for itself alone', async () => {
  const work = await person('lena-work', '+493023125201');
  const home = await person('lena-home', '+493023125202');
  expect(await missedCallOf(work)).toBe(work.email);
  expect(await missedCallOf(home)).toBe(home.email);
  const links = { work: await unsubscribeLink(work), home: await unsubscribeLink(home) };

  await change('links', work, home);
  expect(await shop.customerOf(`email:${work.email}`)).toBe(await shop.customerOf(`email:${home.email}`));
  await decide(links.home, oneClick);
  await decided([work, 'withdrawn'], [home, 'withdrawn']);
  expect(await missedCallOf(work)).toBe('unsubscribed');
  expect(await missedCallOf(home)).toBe('unsubscribed');

  await change('links/remove', work, home);
  expect(await shop.customerOf(`email:${work.email}`)).not.toBe(await shop.customerOf(`email:${home.email}`));
  await decided([work, 'undecided'], [home, 'withdrawn']);
  expect(await missedCallOf(work)).toBe(work.email);
  expect(await missedCallOf(home)).toBe('unsubscribed');
  expect(await shop.mailsTo(home.email)).toHaveLength(1);
});
