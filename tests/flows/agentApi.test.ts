import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
beforeAll(async () => {
  api = await startPracticeApi();
});

const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const reception = byKey(keys.reception);
const get = (path: string, headers: Record<string, string> = reception) => api.call(`GET ${path}`, { headers });
const unknownId = 'A'.repeat(22);
const pathsOf = (answer: Answer) => answer.body.issues.map(({ path }: { path: string }) => path);

let visitors = 0;
/** A visitor in a browser that nobody used before. */
async function newVisitor(claims: Record<string, string> = {}) {
  const anonymousId = `browser-${++visitors}`;
  const opened = await api.call('POST /widget/session', {
    headers: byKey(keys.website),
    body: { anonymousId, claims },
  });
  const session = byKey(opened.body.token);
  const customerId = api.leafOf({ type: 'anonymousId', value: anonymousId });
  let messages = 0;
  return {
    anonymousId,
    customerId,
    session,
    /** Writes and lets the projection see it; a minute passes. Returns the message's id. */
    async write(text: string): Promise<string> {
      const sentAt = new Date(Date.UTC(2026, 2, 2, 8) + visitors * 60_000 + messages * 1000).toISOString();
      const body = { messageId: `m-${++messages}`, text, sentAt };
      const answer = await api.call('POST /widget/messages', { headers: session, body });
      expect(answer.status).toBe(201);
      await api.project();
      api.advance(60_000);
      return answer.body.id;
    },
    read: (query = '') => api.call(`GET /widget/messages${query}`, { headers: session }),
  };
}

async function answerTo(conversationId: string, body: unknown, headers: Record<string, string> = reception) {
  const answer = await api.call(`POST /conversations/${conversationId}/messages`, { headers, body });
  await api.project();
  return answer;
}

describe('a conversation in the widget', () => {
  it('is answered by an agent, and the answer is read in the session', async () => {
    const lena = await newVisitor({ name: 'Lena Vogt' });
    const opening = await lena.write('Minka limps since this morning.');
    const inbox = await get('/conversations?status=open&limit=100');
    expect(inbox.status).toBe(200);
    expect(inbox.body.conversations).toContainEqual({
      conversationId: opening,
      customerId: lena.customerId,
      name: 'Lena Vogt',
      status: 'open',
      channel: 'web',
      endedWith: { text: 'Minka limps since this morning.', by: 'customer', at: expect.any(String), channel: 'web' },
      owes: 'us',
      waitingSince: expect.any(String),
    });

    const answer = await answerTo(opening, { text: 'Please come at eleven.', agent: 'Dr. Ahrens', messageId: 'a-1' });
    expect(answer.status).toBe(201);
    const page = await lena.read();
    expect(page.status).toBe(200);
    expect(page.body.messages).toEqual([
      { id: opening, at: expect.any(String), by: 'customer', channel: 'web', text: 'Minka limps since this morning.' },
      { id: answer.body.id, at: expect.any(String), by: 'agent', channel: 'web', text: 'Please come at eleven.' },
    ]);
    expect(page.body.next).toBeTypeOf('string');

    const [stored] = await api.timeline.readByIds([answer.body.id]);
    expect(stored).toMatchObject({
      type: 'message.sent',
      direction: 'outbound',
      channel: 'web',
      source: 'reception',
      touchpoint: 'widget',
      trust: 'asserted',
      conversationId: opening,
      properties: { inReplyTo: opening, agent: 'Dr. Ahrens' },
    });
    const [hers, ours] = page.body.messages;
    expect((await get(`/conversations/${opening}/messages`)).body.messages).toEqual([
      { ...hers, reason: 'new' },
      { ...ours, reason: 'reference', agent: 'Dr. Ahrens' },
    ]);
    expect((await get('/conversations?status=pending&limit=100')).body.conversations).toContainEqual(
      expect.objectContaining({ conversationId: opening, owes: 'customer' }),
    );
  });

  it('continues from the cursor: only what arrived since', async () => {
    const lena = await newVisitor();
    const opening = await lena.write('Minka limps.');
    const first = await lena.read();
    expect(first.body.messages).toHaveLength(1);
    const second = await lena.read(`?after=${encodeURIComponent(first.body.next)}`);
    expect(second.body.messages).toEqual([]);
    await answerTo(opening, { text: 'Please come at eleven.' });
    const third = await lena.read(`?after=${encodeURIComponent(second.body.next)}`);
    expect(third.body.messages.map(({ text }: { text: string }) => text)).toEqual(['Please come at eleven.']);
  });

  it('is told to the next session of the same browser and to no other', async () => {
    const lena = await newVisitor();
    const opening = await lena.write('Minka limps.');
    const again = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: lena.anonymousId },
    });
    expect(again.body.conversation).toEqual({
      conversationId: opening,
      endedWith: { text: 'Minka limps.', by: 'customer', at: expect.any(String), channel: 'web' },
    });
    const other = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: 'browser-of-somebody-else', userId: lena.anonymousId },
    });
    expect(other.body).not.toHaveProperty('conversation');
  });

  it('is read by its own session only: another session reads nothing of it, whatever it asks for', async () => {
    const lena = await newVisitor();
    await lena.write('Minka limps.');
    const { next } = (await lena.read()).body;
    const rex = await newVisitor();
    expect((await rex.read()).body).toEqual({ messages: [], next: null });
    expect((await rex.read(`?after=${encodeURIComponent(next)}`)).body.messages).toEqual([]);
    expect(
      (await rex.read(`?anonymousId=${lena.anonymousId}&conversationId=${lena.customerId}`)).body.messages,
    ).toEqual([]);
    await rex.write('Rex coughs.');
    expect((await rex.read()).body.messages.map(({ text }: { text: string }) => text)).toEqual(['Rex coughs.']);
    expect((await lena.read()).body.messages.map(({ text }: { text: string }) => text)).toEqual(['Minka limps.']);
  });

  it.each(['?after=nonsense', '?limit=0', '?limit=101', '?limit=many'])('is not read with %s', async (query) => {
    const lena = await newVisitor();
    await lena.write('Minka limps.');
    const answer = await lena.read(query);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual([query.slice(1).split('=')[0]]);
  });

  it('costs one query to open a session and at most three requests to read', async () => {
    const lena = await newVisitor();
    await lena.write('Minka limps.');
    api.table.reset();
    await api.call('POST /widget/session', { headers: byKey(keys.website), body: { anonymousId: lena.anonymousId } });
    expect(api.table.calls.map(({ command }) => command)).toEqual(['QueryCommand']);
    api.table.reset();
    await lena.read();
    expect(api.table.calls.map(({ command }) => command)).toEqual([
      'QueryCommand',
      'QueryCommand',
      'BatchGetItemCommand',
    ]);
  });
});

describe('POST /conversations/{id}/messages', () => {
  let conversationId: string;
  beforeEach(async () => {
    conversationId = await (await newVisitor()).write('Minka limps.');
  });
  const answers = async () =>
    (await get(`/conversations/${conversationId}/messages`)).body.messages.filter(
      ({ by }: { by: string }) => by === 'agent',
    );

  it('stores an answer once and tells the same id, by messageId and by Idempotency-Key, also at once', async () => {
    const inBody = { headers: reception, body: { messageId: 'a-1', text: 'Please come at eleven.' } };
    const inHeader = { headers: { ...reception, 'Idempotency-Key': 'a-1' }, body: { text: 'Please come at eleven.' } };
    const path = `POST /conversations/${conversationId}/messages`;
    const sent = await Promise.all(
      [inBody, inBody, inBody, inHeader, inHeader].map((options) => api.call(path, options)),
    );
    api.advance(60_000);
    sent.push(await api.call(path, inHeader));
    await api.project();
    expect(sent.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201]);
    expect(new Set(sent.map(({ body }) => body.id)).size).toBe(1);
    expect(await answers()).toHaveLength(1);
  });

  it('keeps the first text where the same id comes with another one', async () => {
    const first = await answerTo(conversationId, { messageId: 'a-1', text: 'Please come at eleven.' });
    const second = await answerTo(conversationId, { messageId: 'a-1', text: 'Please come at noon.' });
    expect(second.body).toEqual(first.body);
    expect((await answers()).map(({ text }: { text: string }) => text)).toEqual(['Please come at eleven.']);
  });

  it('stores answers without an id as often as they come', async () => {
    await answerTo(conversationId, { text: 'Yes.' });
    await answerTo(conversationId, { text: 'Yes.' });
    expect(await answers()).toHaveLength(2);
  });

  it('finds the conversation by any of its messages', async () => {
    const answer = await answerTo(conversationId, { text: 'Please come at eleven.' });
    const second = await answerTo(answer.body.id, { text: 'Bring the passport.' });
    expect(second.status).toBe(201);
    expect((await answers()).map(({ text }: { text: string }) => text)).toEqual([
      'Please come at eleven.',
      'Bring the passport.',
    ]);
  });

  it.each<[string, unknown, string[]]>([
    ['no JSON', '{', ['']],
    ['no text', {}, ['text']],
    ['an empty text', { text: ' ' }, ['text']],
    ['an oversize text', { text: 'x'.repeat(10_001) }, ['text']],
    ['an oversize id', { text: 'Yes.', messageId: 'x'.repeat(101) }, ['messageId']],
  ])('answers 400 with the path of the fault for %s', async (_, body, paths) => {
    const answer = await answerTo(conversationId, body);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual(paths);
  });

  it('answers 400 for an oversize Idempotency-Key', async () => {
    const answer = await answerTo(
      conversationId,
      { text: 'Yes.' },
      { ...reception, 'idempotency-key': 'x'.repeat(101) },
    );
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual(['idempotency-key']);
  });

  it.each([
    'nonsense',
    unknownId,
    '..%2F..%2Fcustomers',
    'L%23AAAAAAAAAAAAAAAAAAAAAA',
    '%00',
    `${unknownId}.E0mhp3k2qf.AAAAAAAAAAAAAAAA`,
  ])('answers 404 for the conversation %s, reading and writing', async (id) => {
    const answers = [await get(`/conversations/${id}/messages`), await answerTo(id, { text: 'Yes.' })];
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({
        type: 'urn:throughline:problem:not-found',
        detail: 'There is no such conversation.',
      });
    }
  });
});

describe('GET /conversations', () => {
  it('pages through everything once, longest waiting first', async () => {
    for (const text of ['Minka limps.', 'Rex coughs.', 'Bubbles swims sideways.'])
      await (await newVisitor()).write(text);
    const all = (await get('/conversations?limit=100')).body;
    expect(all.next).toBeNull();
    const waiting = all.conversations.map(({ waitingSince }: { waitingSince: string }) => waitingSince);
    expect(waiting).toEqual([...waiting].sort());
    const paged: unknown[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: Answer = await get(
        `/conversations?limit=2${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`,
      );
      expect(page.body.conversations.length).toBeLessThanOrEqual(2);
      paged.push(...page.body.conversations);
      next = page.body.next;
    }
    expect(paged).toEqual(all.conversations);
  });

  it('lists nothing under a status that nobody is in', async () => {
    expect((await get('/conversations?status=resolved')).body).toEqual({ conversations: [], next: null });
  });

  it.each([
    ['status=sleeping', 'status'],
    ['limit=0', 'limit'],
    ['after=nonsense', 'after'],
  ])('answers 400 for %s', async (query, path) => {
    const answer = await get(`/conversations?${query}`);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual([path]);
  });
});

describe('GET /customers', () => {
  it('finds a customer by an identifier and tells how well it is founded', async () => {
    const lena = await newVisitor({ name: 'Lena Vogt', email: 'lena.vogt@example.com' });
    await lena.write('Minka limps.');
    const answer = await get(`/customers?identifier=anonymousId:${lena.anonymousId}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      customers: [
        {
          customerId: lena.customerId,
          name: 'Lena Vogt',
          identifiers: expect.arrayContaining([
            { type: 'anonymousId', value: lena.anonymousId, trust: 'claimed' },
            { type: 'email', value: 'lena.vogt@example.com', trust: 'claimed' },
          ]),
        },
      ],
    });
  });

  it('knows a customer whom the projection has not seen yet', async () => {
    const opened = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: 'browser-just-now', claims: { name: 'Lena Vogt' } },
    });
    expect(opened.status).toBe(201);
    const answer = await get('/customers?identifier=anonymousId:browser-just-now');
    expect(answer.body.customers).toMatchObject([{ name: 'Lena Vogt' }]);
  });

  it.each(['userId:nobody', 'email:nobody@example.com', 'phone:+497115550199', 'phone:%20497115550199'])(
    'answers an empty list for %s',
    async (identifier) => {
      const answer = await get(`/customers?identifier=${identifier}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ customers: [] });
    },
  );

  it('does not take a claimed address for the address: the claim stays with the browser that made it', async () => {
    await (await newVisitor({ email: 'victim@example.com' })).write('It is me.');
    expect((await get('/customers?identifier=email:victim@example.com')).body).toEqual({ customers: [] });
  });

  it.each([
    '',
    '?identifier=',
    '?identifier=lena',
    '?identifier=userId:',
    '?identifier=name:Lena',
    '?identifier=:x',
    `?identifier=userId:${'x'.repeat(513)}`,
  ])('answers 400 with the path identifier for "%s"', async (query) => {
    const answer = await get(`/customers${query}`);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual(['identifier']);
    expect(answer.text).not.toMatch(/Lena/);
  });
});

describe('GET /customers/{id}', () => {
  it('tells profile, context and timeline of one customer', async () => {
    const lena = await newVisitor({ name: 'Lena Vogt' });
    const opening = await lena.write('Minka limps.');
    const profile = await get(`/customers/${lena.customerId}`);
    expect(profile.status).toBe(200);
    expect(profile.body).toMatchObject({
      customerId: lena.customerId,
      name: 'Lena Vogt',
      interactions: { total: 2, byType: { 'customer.identified': 1, 'message.received': 1 }, byChannel: { web: 2 } },
      money: [],
    });
    const context = await get(`/customers/${lena.customerId}/context`);
    expect(context.status).toBe(200);
    expect(context.body).toMatchObject({
      summary: expect.stringContaining('Lena Vogt'),
      customer: { customerId: lena.customerId, name: 'Lena Vogt' },
      conversations: [{ conversationId: opening, status: 'open', owes: 'us' }],
      interactions: [{ type: 'customer.identified' }, { id: opening, text: 'Minka limps.' }],
      things: [],
      upcoming: [],
      consent: {},
      suggestion: {},
    });
    const timeline = await get(`/customers/${lena.customerId}/timeline`);
    expect(timeline.status).toBe(200);
    expect(timeline.body.next).toBeNull();
    expect(timeline.body.interactions.map(({ type }: { type: string }) => type)).toEqual([
      'customer.identified',
      'message.received',
    ]);
    expect(timeline.body.interactions[1]).toMatchObject({
      id: opening,
      conversationId: opening,
      continuity: { reason: 'new' },
    });
  });

  it('pages the timeline newest first by a cursor that fits an address as it is', async () => {
    const lena = await newVisitor();
    const ids: string[] = [];
    for (const text of ['One.', 'Two.', 'Three.']) ids.push(await lena.write(text));
    const first = (await get(`/customers/${lena.customerId}/timeline?limit=2`)).body;
    expect(first.interactions.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.next).toMatch(/^[\w.-]+$/);
    const second = (await get(`/customers/${lena.customerId}/timeline?limit=2&before=${first.next}`)).body;
    expect(second.interactions.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect(second.next).toBeNull();
  });

  it('filters the timeline by types and nouns; a filter that finds nothing answers an empty page', async () => {
    const lena = await newVisitor({ name: 'Lena Vogt' });
    await lena.write('Minka limps.');
    const types = async (kinds: string) =>
      (await get(`/customers/${lena.customerId}/timeline?kinds=${kinds}`)).body.interactions.map(
        ({ type }: { type: string }) => type,
      );
    expect(await types('message')).toEqual(['message.received']);
    expect(await types('customer.identified,order')).toEqual(['customer.identified']);
    expect(await types('order.completed')).toEqual([]);
    expect(await types('')).toHaveLength(2);
  });

  it.each([
    ['before=nonsense', 'before'],
    ['before=0mhp3k2qf.AAAAAAAAAAAAAAAA.x', 'before'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['kinds=Message%20Received', 'kinds'],
  ])('answers 400 for the timeline with %s', async (query, path) => {
    const lena = await newVisitor();
    await lena.write('Minka limps.');
    const answer = await get(`/customers/${lena.customerId}/timeline?${query}`);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual([path]);
  });

  it.each([unknownId, 'short', 'x'.repeat(200), 'L%23AAAAAAAAAAAAAAAAAAAA', '%E0%A4%A'.replace('%A', '%AA')])(
    'answers 404 for the customer %s',
    async (id) => {
      for (const part of ['', '/context', '/timeline', '/timeline?kinds=message']) {
        const answer = await get(`/customers/${id}${part}`);
        expect(answer.status).toBe(404);
        expect(answer.body.detail).toBe('There is no such customer.');
      }
    },
  );

  it('shows nothing of another customer', async () => {
    const lena = await newVisitor({ name: 'Lena Vogt' });
    await lena.write('Minka limps.');
    const rex = await newVisitor({ name: 'Tom Brandt' });
    await rex.write('Rex coughs.');
    for (const part of ['', '/context', '/timeline']) {
      const { text } = await get(`/customers/${rex.customerId}${part}`);
      expect(text).not.toMatch(new RegExp(`Vogt|Minka|${lena.anonymousId}\\b|${lena.customerId}`));
    }
  });
});

describe('a key', () => {
  const reads = [
    '/customers?identifier=userId:x',
    `/customers/${unknownId}`,
    `/customers/${unknownId}/context`,
    `/customers/${unknownId}/timeline`,
    '/conversations',
    '/conversations/x/messages',
  ];
  const answer = (headers: Record<string, string>) =>
    api.call('POST /conversations/x/messages', { headers, body: { text: 'Yes.' } });

  it.each(reads)('is asked for by GET %s: without one nothing is read', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer' }, { authorization: `Basic ${btoa(`${keys.reception}:`)}` }]) {
      const refused = await get(path, headers);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
    }
    expect((await get(path, byKey('tl_agent_guessed'))).status).toBe(401);
    expect((await get(`${path}${path.includes('?') ? '&' : '?'}key=${keys.reception}`, {})).status).toBe(401);
  });

  it.each(reads)('that writes is refused by GET %s', async (path) => {
    for (const key of [keys.website, keys.server, keys.writer, keys.lookup])
      expect((await get(path, byKey(key))).status).toBe(403);
  });

  it('that reads is refused by POST /conversations/{id}/messages, and so is no key', async () => {
    for (const key of [keys.reader, keys.lookup, keys.website, keys.server])
      expect((await answer(byKey(key))).status).toBe(403);
    expect((await answer({})).status).toBe(401);
  });

  it('may come as X-Api-Key', async () => {
    expect((await get('/conversations', { 'x-api-key': keys.reader })).status).toBe(200);
    expect((await answer({ 'x-api-key': keys.writer })).status).toBe(404);
  });

  it('is not a session token', async () => {
    const lena = await newVisitor();
    expect((await get('/conversations', lena.session)).status).toBe(401);
    expect((await answer(lena.session)).status).toBe(401);
  });
});

describe('the log', () => {
  it('holds no personal data of all this', () => {
    expect(api.logged.length).toBeGreaterThan(10);
    expect(api.logged.join('\n')).not.toMatch(/vogt|lena|minka|victim|browser-|eleven|\+49/i);
  });
});
