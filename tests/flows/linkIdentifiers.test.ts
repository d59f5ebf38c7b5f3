import { beforeAll, describe, expect, it } from 'vitest';
import type { IdentifierType } from '../../shared/contracts/identifier.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { type Answer, keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
beforeAll(async () => {
  api = await startPracticeApi();
});

const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const reception = byKey(keys.reception);
const get = (path: string) => api.call(`GET ${path}`, { headers: reception });
const pathsOf = (answer: Answer) => answer.body.issues.map(({ path }: { path: string }) => path);
const leaf = (type: IdentifierType, value: string) => api.leafOf({ type, value });
const idsFor = async (identifier: string) =>
  (await get(`/customers?identifier=${encodeURIComponent(identifier)}`)).body.customers.map(
    ({ customerId }: { customerId: string }) => customerId,
  );

async function link(customerId: string, body: unknown, headers: Record<string, string> = reception): Promise<Answer> {
  const answer = await api.call(`POST /customers/${customerId}/links`, { headers, body });
  await api.project();
  api.advance(60_000);
  return answer;
}
async function unlink(customerId: string, body: unknown, headers: Record<string, string> = reception): Promise<Answer> {
  const answer = await api.call(`POST /customers/${customerId}/links/remove`, { headers, body });
  await api.project();
  api.advance(60_000);
  return answer;
}

let statements = 0;
/** What a server says: all of these are one person. The first one keeps it. */
async function state(...identifiers: [IdentifierType, string][]): Promise<void> {
  const [home] = identifiers;
  if (home === undefined) return;
  const atMs = Date.UTC(2026, 2, 2, 8) + ++statements * 1000;
  const incoming = {
    home: leaf(...home),
    messageId: `statement-${statements}`,
    clientTimeMs: atMs,
    type: 'customer.identified',
    channel: 'web' as const,
    direction: 'inbound' as const,
    source: 'practice-server',
    touchpoint: 'server',
    trust: 'asserted' as const,
    identifiers: identifiers.map(([type, value]) => ({ type, value, trust: 'asserted' as const })),
    properties: { traits: {} },
  };
  await api.timeline.append(placeInteraction(incoming, { newId: () => 'none', receivedAtMs: atMs }));
  await api.project();
}

let people = 0;
/** An account and a mailbox of which nobody knows yet that they are one person's. */
async function newPerson() {
  const number = ++people;
  const [userId, email] = [`account-${number}`, `person-${number}@example.com`];
  await state(['userId', userId]);
  await state(['email', email]);
  return { a: `userId:${userId}`, b: `email:${email}`, user: leaf('userId', userId), mailbox: leaf('email', email) };
}

describe('POST /customers/{id}/links', () => {
  it('makes two identifiers one customer, and says so on the timeline with who and why', async () => {
    const { a, b, user, mailbox } = await newPerson();
    const answer = await link(user, { a, b, reason: 'Same voice.', agent: 'Dr. Ahrens' });
    expect([answer.status, answer.body]).toEqual([200, { customerId: user, outcome: 'linked' }]);
    expect(await idsFor(b)).toEqual([user]);
    expect((await get(`/customers/${mailbox}/context`)).body.customer.customerId).toBe(user);
    const { interactions } = (await get(`/customers/${user}/timeline?kinds=identity`)).body;
    expect(interactions).toMatchObject([
      {
        type: 'identity.linked',
        trust: 'proven',
        properties: { reason: 'confirmed-by-agent', statedBy: 'Dr. Ahrens', note: 'Same voice.' },
      },
    ]);
    expect((await link(user, { a, b })).body).toEqual({ customerId: user, outcome: 'already' });
  });

  it('does nothing more where the same request comes again, and nothing at all once it was undone', async () => {
    const { a, b, user, mailbox } = await newPerson();
    const request = { a, b, messageId: `request-${user}` };
    expect((await link(user, request)).body.outcome).toBe('linked');
    expect((await unlink(user, { a: b, b: a })).body).toEqual({ customerIds: [mailbox, user], outcome: 'unlinked' });
    const late = await link(user, { a, b }, { ...reception, 'Idempotency-Key': request.messageId });
    expect([late.status, late.body.outcome]).toEqual([200, 'already']);
    expect(await idsFor(b)).toEqual([mailbox]);
  });

  it('lifts what separated these two, where it is a new request', async () => {
    const { a, b, user } = await newPerson();
    await link(user, { a, b });
    await unlink(user, { a: b, b: a });
    expect((await link(user, { a, b })).body).toEqual({ customerId: user, outcome: 'linked' });
    expect(await idsFor(b)).toEqual([user]);
  });

  it('answers 409 with the reason where another pair among them was separated', async () => {
    const { a, b, user, mailbox } = await newPerson();
    await link(user, { a, b });
    await unlink(user, { a: b, b: a });
    const browser = `anonymousId:browser-of-${user}`;
    expect((await link(user, { a, b: browser })).status).toBe(200);
    const answer = await link(mailbox, { a: b, b: browser });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'urn:throughline:problem:conflict',
      detail: 'They stay two customers: others among their identifiers were separated before (blocked).',
      issues: [{ path: 'b', message: 'blocked' }],
    });
  });

  it('answers 409 where one customer would have two accounts', async () => {
    const { a, user } = await newPerson();
    const other = await newPerson();
    const answer = await link(user, { a, b: other.a });
    expect([answer.status, answer.body.issues]).toEqual([409, [{ path: 'b', message: 'limit' }]]);
  });

  it('takes what was only claimed under an identifier, however many accounts were claimed', async () => {
    const { a, user } = await newPerson();
    const claim = `claim:${a}`;
    const home = api.leafOf({ type: 'userId', value: a.slice('userId:'.length), claimed: true });
    await api.timeline.append(
      placeInteraction(
        {
          home,
          type: 'message.received',
          channel: 'web',
          direction: 'inbound',
          source: 'website',
          touchpoint: 'widget',
          trust: 'claimed',
          identifiers: [{ type: 'userId', value: a.slice('userId:'.length), trust: 'claimed' }],
          text: 'It is me.',
          properties: {},
        },
        { newId: () => `claim-${user}`, receivedAtMs: Date.UTC(2026, 2, 2, 8) },
      ),
    );
    await api.project();
    const listed = (await get(`/customers?identifier=${a}`)).body.customers;
    expect(listed.map(({ customerId }: { customerId: string }) => customerId)).toEqual([user, home]);
    expect(listed[1].identifiers).toEqual([{ type: 'userId', value: a.slice('userId:'.length), trust: 'claimed' }]);
    expect((await link(user, { a, b: claim })).body).toEqual({ customerId: user, outcome: 'linked' });
    expect(await idsFor(a)).toEqual([user]);
    expect((await unlink(user, { a: claim, b: a })).body.customerIds).toEqual([home, user]);
  });

  it('understands a number however it is spelt', async () => {
    const { a, user } = await newPerson();
    expect((await link(user, { a, b: 'phone:030 23125 118' })).status).toBe(200);
    expect(await idsFor('phone:+493023125118')).toEqual([user]);
  });

  it.each([
    [{}, ['a', 'b']],
    [{ a: 'userId:x' }, ['b']],
    [{ a: 'name:x', b: 'userId:' }, ['a', 'b']],
    [{ a: 'userId:x', b: 'claim:claim:userId:x' }, ['b']],
    [{ a: 'userId:x', b: 'email:x@example.com', reason: 'x'.repeat(501) }, ['reason']],
  ])('answers 400 with the paths of the faults for %j', async (body, paths) => {
    const { user } = await newPerson();
    for (const answer of [await link(user, body), await unlink(user, body)]) {
      expect(answer.status).toBe(400);
      expect(pathsOf(answer)).toEqual(paths);
    }
  });

  it('answers 400 where neither is the customer’s, both are the same, or one is nobody’s', async () => {
    const { a, b, user } = await newPerson();
    const other = await newPerson();
    expect(pathsOf(await link(user, { a: other.a, b: other.b }))).toEqual(['a']);
    expect(pathsOf(await unlink(user, { a: other.a, b: other.b }))).toEqual(['a']);
    expect(pathsOf(await link(user, { a, b: a }))).toEqual(['b']);
    expect(pathsOf(await link(user, { a, b: 'userId:null' }))).toEqual(['a']);
    expect(await idsFor(b)).not.toContain(user);
  });

  it('answers 404 for a customer whom nobody knows', async () => {
    const { a, b } = await newPerson();
    for (const id of ['A'.repeat(22), 'nonsense']) {
      expect((await link(id, { a, b })).status).toBe(404);
      expect((await unlink(id, { a, b })).status).toBe(404);
    }
  });

  it('is for keys that write customers', async () => {
    const { a, b, user } = await newPerson();
    for (const act of [link, unlink]) {
      expect((await act(user, { a, b }, {})).status).toBe(401);
      for (const key of [keys.reader, keys.writer, keys.lookup, keys.server, keys.website]) {
        expect((await act(user, { a, b }, byKey(key))).status).toBe(403);
      }
    }
  });
});

describe('POST /customers/{id}/links/remove', () => {
  it('gives back two customers, tells both timelines, and takes with it what hung on it alone', async () => {
    const { a, b, user, mailbox } = await newPerson();
    const browser = `anonymousId:laptop-of-${user}`;
    await link(user, { a, b });
    await link(user, { a: b, b: browser });
    const answer = await unlink(user, { a: b, b: a, reason: 'Her sister.', agent: 'Dr. Ahrens' });
    expect([answer.status, answer.body]).toEqual([200, { customerIds: [mailbox, user], outcome: 'unlinked' }]);
    const found = await api.call(`GET /customers/${leaf('anonymousId', `laptop-of-${user}`)}/context`, {
      headers: reception,
    });
    expect(found.body.customer.customerId).toBe(mailbox);
    for (const id of [user, mailbox]) {
      const { interactions } = (await get(`/customers/${id}/timeline?kinds=identity.unlinked`)).body;
      expect(interactions).toMatchObject([{ properties: { statedBy: 'Dr. Ahrens', note: 'Her sister.' } }]);
    }
  });

  it('changes nothing where the same request comes again after they were linked anew', async () => {
    const { a, b, user, mailbox } = await newPerson();
    await link(user, { a, b });
    const request = { a: b, b: a, messageId: `parting-${user}` };
    expect((await unlink(user, request)).body.outcome).toBe('unlinked');
    await link(user, { a, b });
    await unlink(user, request);
    expect(await idsFor(b)).toEqual([user]);
    expect((await get(`/customers/${mailbox}`)).body.customerId).toBe(user);
  });

  it('keeps two apart who never were together', async () => {
    const { a, b, user, mailbox } = await newPerson();
    expect((await unlink(user, { a, b })).body).toEqual({ customerIds: [user, mailbox], outcome: 'already' });
  });
});

describe('a number that two people share', () => {
  it('is answered with both as candidates, and with one where they turn out to be the same', async () => {
    const phone = '+493023125119';
    await state(['email', 'anna@example.com'], ['phone', phone]);
    await state(['email', 'bruno@example.com'], ['phone', phone]);
    const both = [leaf('email', 'anna@example.com'), leaf('email', 'bruno@example.com')];
    expect((await idsFor(`phone:${phone}`)).filter((id: string) => both.includes(id)).sort()).toEqual(both.sort());
    const ask = () => api.call(`GET /lookup?number=${encodeURIComponent(phone)}`, { headers: byKey(keys.lookup) });
    const many = (await ask()).body;
    expect(many.match).toBe('many');
    expect(many.candidates.map(({ customerId }: { customerId: string }) => customerId).sort()).toEqual(both.sort());

    const answer = await link(both[0] ?? '', { a: 'email:anna@example.com', b: 'email:bruno@example.com' });
    expect(answer.body.outcome).toBe('linked');
    expect((await ask()).body).toMatchObject({ match: 'one', customerId: answer.body.customerId });
  });
});

describe('an old customer id', () => {
  it('resolves for ever, whoever the customer is by now', async () => {
    const { a, b, user, mailbox } = await newPerson();
    await link(user, { a, b });
    for (const id of [user, mailbox]) {
      for (const part of ['', '/context', '/timeline']) {
        expect((await get(`/customers/${id}${part}`)).status).toBe(200);
      }
      expect((await get(`/customers/${id}`)).body.customerId).toBe(user);
    }
    await unlink(user, { a: b, b: a });
    expect((await get(`/customers/${mailbox}`)).body.customerId).toBe(mailbox);
  });
});
