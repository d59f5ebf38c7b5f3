import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IdentifierType } from '../../shared/contracts/identifier.ts';
import { type IncomingInteraction, placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
let conversationId: string;

const phone = '+4930901820';
const known = {
  name: 'Lena Vogt',
  company: { name: 'Vogt & Söhne', id: 'c-4' },
  language: 'en',
};

beforeAll(async () => {
  api = await startPracticeApi();
  await store('phone', phone, {
    type: 'customer.identified',
    text: 'Said who they are',
    properties: { traits: known },
  });
  conversationId = await store('phone', phone, {
    type: 'message.received',
    messageId: 'm-1',
    clientTimeMs: Date.UTC(2026, 2, 2, 8, 30),
    text: 'Does Minka have to be fasting?',
  });
  await store('userId', 'cust-17', { type: 'customer.identified', properties: { traits: { name: 'Jonas Reuter' } } });
  await store('email', 'jonas@reuter.example', { type: 'page.viewed', text: '/dogs' });
  await api.project();
});

beforeEach(() => {
  api.logged.length = 0;
});

let stored = 0;
async function store(type: IdentifierType, value: string, fields: Partial<IncomingInteraction>): Promise<string> {
  stored += 1;
  const incoming: IncomingInteraction = {
    home: api.leafOf({ type, value }),
    type: 'page.viewed',
    channel: 'web',
    direction: 'inbound',
    source: 'practice-server',
    touchpoint: 'server',
    trust: 'asserted',
    identifiers: [{ type, value, trust: 'asserted' }],
    properties: {},
    messageId: `stored-${stored}`,
    clientTimeMs: Date.UTC(2026, 2, 2, 8, stored),
    ...fields,
  };
  const receivedAtMs = Date.UTC(2026, 2, 2, 8, 45);
  const { id } = await api.timeline.append(placeInteraction(incoming, { newId: () => 'none', receivedAtMs }));
  return id;
}

const bearer = { authorization: `Bearer ${keys.lookup}` };
const lookup = (query: string, headers: Record<string, string> = bearer) =>
  api.call(`GET /lookup?${query}`, { headers });
const national = `number=${encodeURIComponent('030 901820')}`;

describe('a lookup by number', () => {
  it('says who calls, what is open and where it ended, with the page that tells more', async () => {
    const answer = await lookup(national);

    const customerId = api.leafOf({ type: 'phone', value: phone });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      match: 'one',
      customerId,
      name: 'Lena Vogt',
      company: 'Vogt & Söhne',
      language: 'en',
      openConversation: {
        conversationId,
        endedWith: {
          text: 'Does Minka have to be fasting?',
          by: 'customer',
          at: '2026-03-02T08:30:00.000Z',
          channel: 'web',
        },
        owes: 'us',
      },
      lastInteractionAt: '2026-03-02T08:30:00.000Z',
      url: `https://api.vet.example/console/customer?customerId=${customerId}`,
    });
  });

  it.each([
    ['E.164', '%2B4930901820'],
    ['a + that came as a space', '+4930901820'],
    ['an international prefix', '004930901820'],
    ['national digits', '030901820'],
    ['national spelling', '(030)%20901-820'],
  ])('understands %s', async (_, number) => {
    expect((await lookup(`number=${number}`)).body).toMatchObject({ match: 'one', name: 'Lena Vogt' });
  });

  it.each([
    ['a stranger', '%2B4940111222'],
    ['a withheld number', 'anonymous'],
    ['nothing at all', ''],
    ['what is no number', 'Minka'],
    ['digits beyond all numbers', '9'.repeat(400)],
  ])('answers 200 with an empty match for %s', async (_, number) => {
    const answer = await lookup(`number=${number}`);
    expect([answer.status, answer.body]).toEqual([200, { match: 'none' }]);
  });

  it('costs one query and one read unit for a customer who is not linked', async () => {
    api.table.reset();
    await lookup(national);
    expect(api.table.calls).toEqual([{ command: 'QueryCommand', readUnits: expect.any(Number), writeUnits: 0 }]);
    expect(api.table.calls[0]?.readUnits).toBeLessThanOrEqual(1);
  });
});

describe('a lookup by other identifiers', () => {
  it('finds a user id as it is and an address in any case', async () => {
    expect((await lookup('userId=cust-17')).body).toMatchObject({ match: 'one', name: 'Jonas Reuter' });
    expect((await lookup('email=Jonas%40Reuter.example')).body).toMatchObject({ match: 'one' });
  });

  it('names the candidates where the identifiers belong to different customers, and never guesses', async () => {
    const answer = await lookup(`${national}&userId=cust-17`);
    expect(answer.body).toEqual({
      match: 'many',
      candidates: [
        { customerId: api.leafOf({ type: 'userId', value: 'cust-17' }), name: 'Jonas Reuter' },
        { customerId: api.leafOf({ type: 'phone', value: phone }), name: 'Lena Vogt' },
      ],
    });
  });

  it('refuses a query that names nobody, saying what it expected', async () => {
    const answer = await lookup('format=json');
    expect(answer.status).toBe(400);
    expect(answer.body.issues).toEqual([{ path: 'number', message: 'expected number, email or userId' }]);
  });
});

describe('a lookup of a customer who is linked', () => {
  const balu = { phone: '+491713920044', userId: 'cust-42' };

  beforeAll(async () => {
    await store('userId', balu.userId, {
      type: 'customer.identified',
      properties: { traits: { name: 'Jonas Reuter' } },
    });
    await store('phone', balu.phone, { type: 'message.received', channel: 'sms', text: 'Is Balu’s result there?' });
    await api.project();
    const projection = createCustomerProjection(api.table);
    const [user, phone] = (['userId', 'phone'] as const).map((type) => ({
      leaf: api.leafOf({ type, value: balu[type] }),
      type,
    }));
    if (user && phone) await projection.link(user, phone);
    await projection.settle();
  });

  it('finds one customer by any identifier, what was said at another included', async () => {
    const byNumber = await lookup('number=0171%203920044');
    expect(byNumber.body).toMatchObject({
      match: 'one',
      customerId: api.leafOf({ type: 'userId', value: balu.userId }),
      name: 'Jonas Reuter',
      openConversation: { endedWith: { text: 'Is Balu’s result there?', channel: 'sms' }, owes: 'us' },
    });
    expect((await lookup(`userId=${balu.userId}`)).body).toEqual(byNumber.body);
  });

  it('gives one match, not two, for two identifiers of the same customer', async () => {
    expect((await lookup(`number=%2B491713920044&userId=${balu.userId}`)).body).toMatchObject({ match: 'one' });
  });

  it('costs two queries and at most three read units', async () => {
    api.table.reset();
    await lookup('number=0171%203920044');
    expect(api.table.calls.map(({ command }) => command)).toEqual(['QueryCommand', 'QueryCommand']);
    expect(api.table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0)).toBeLessThanOrEqual(3);
  });
});

describe('caller-name lookups', () => {
  it.each([
    ['format=text', `${national}&format=text`, bearer],
    ['an Accept header', national, { ...bearer, accept: 'text/plain' }],
  ])('are answered with the name alone, asked by %s', async (_, query, headers) => {
    const answer = await lookup(query, headers);
    expect([answer.text, answer.headers.get('content-type')]).toEqual(['Lena Vogt', 'text/plain; charset=utf-8']);
  });

  it('are answered with nothing where nobody or more than one matches', async () => {
    for (const query of ['number=withheld&format=text', `${national}&userId=cust-17&format=text`]) {
      const answer = await lookup(query);
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
  });
});

describe('the key of a lookup', () => {
  it.each([
    ['Bearer', national, bearer],
    ['X-Api-Key', national, { 'x-api-key': keys.lookup }],
    ['Basic user', national, { authorization: `Basic ${btoa(`${keys.lookup}:`)}` }],
    ['query', `${national}&key=${keys.lookup}`, {}],
    ["an agent's, whose scopes hold lookups", national, { authorization: `Bearer ${keys.reception}` }],
  ])('is taken from %s', async (_, query, headers) => {
    expect((await lookup(query, headers)).status).toBe(200);
  });

  it('is asked for, must be known, and must be for lookups', async () => {
    expect((await lookup(national, {})).status).toBe(401);
    expect((await lookup(`${national}&key=wrong`, {})).status).toBe(401);
    for (const key of [keys.website, keys.server, keys.reader]) {
      expect((await lookup(national, { authorization: `Bearer ${key}` })).status).toBe(403);
    }
  });

  it('opens nothing else', async () => {
    const customerId = api.leafOf({ type: 'phone', value: phone });
    for (const path of [`/customers/${customerId}`, `/customers/${customerId}/timeline`, '/conversations']) {
      expect((await api.call(`GET ${path}`, { headers: bearer })).status).toBe(403);
    }
  });

  it('stays out of the log, as do number, address and name', async () => {
    await lookup(`${national}&email=lena%40vogt.example&key=${keys.lookup}`, {});
    await lookup(`${national}&key=practice-wrong-key`, {});
    const logged = api.logged.join('\n');
    for (const secret of [keys.lookup, 'practice-wrong-key', '901820', 'lena', 'Vogt']) {
      expect(logged).not.toContain(secret);
    }
  });
});
