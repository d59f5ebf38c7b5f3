import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
let conversationId: string;
let session: Record<string, string>;

const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const reception = byKey(keys.reception);
const act = (path: string, body?: unknown, headers: Record<string, string> = reception): Promise<Answer> =>
  api.call(`POST /conversations/${path}`, { headers, body });
const get = (path: string, headers: Record<string, string> = reception) => api.call(`GET ${path}`, { headers });
const pathsOf = (answer: Answer) => answer.body.issues.map(({ path }: { path: string }) => path);
const storedAs = async (answer: Answer) => (await api.timeline.readByIds([answer.body.id]))[0];
const unknownMessage = `${'A'.repeat(22)}.E0mhp3k2qf.AAAAAAAAAAAAAAAA`;

let visitors = 0;
let messages = 0;
/** A visitor in a browser that nobody used before. */
async function newVisitor(): Promise<Record<string, string>> {
  const opened = await api.call('POST /widget/session', {
    headers: byKey(keys.website),
    body: { anonymousId: `browser-${++visitors}` },
  });
  return byKey(opened.body.token);
}

async function write(visitor: Record<string, string>, text: string): Promise<string> {
  const sentAt = new Date(Date.UTC(2026, 2, 2, 9) + ++messages * 1000).toISOString();
  const body = { messageId: `m-${messages}`, text, sentAt };
  const answer = await api.call('POST /widget/messages', { headers: visitor, body });
  await api.project();
  api.advance(60_000);
  return answer.body.id;
}

beforeAll(async () => {
  api = await startPracticeApi();
});

beforeEach(async () => {
  session = await newVisitor();
  conversationId = await write(session, 'Minka limps.');
});

const commands: [string, unknown][] = [
  ['resolve', {}],
  ['reopen', {}],
  ['snooze', { until: '2026-03-05T08:00:00+01:00' }],
  ['assign', { assignee: 'Dr. Ahrens' }],
  ['note', { text: 'Bites.' }],
];

describe('GET /conversations/{id}', () => {
  it('tells whose it is and how it stands, by the id of any of its messages', async () => {
    const second = await write(session, 'Since this morning.');
    for (const id of [conversationId, second]) {
      const answer = await get(`/conversations/${id}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        conversationId,
        customerId: conversationId.slice(0, 22),
        status: 'open',
        channel: 'web',
        endedWith: { text: 'Since this morning.', by: 'customer' },
        owes: 'us',
      });
    }
  });

  it.each(['nonsense', unknownMessage, '%00'])('answers 404 for %s', async (id) => {
    expect((await get(`/conversations/${id}`)).status).toBe(404);
  });

  it('is for keys that read conversations', async () => {
    expect((await get(`/conversations/${conversationId}`, {})).status).toBe(401);
    for (const key of [keys.writer, keys.lookup, keys.website, keys.server]) {
      expect((await get(`/conversations/${conversationId}`, byKey(key))).status).toBe(403);
    }
  });
});

describe.each(commands)('POST /conversations/{id}/%s', (command, body) => {
  const path = () => `${conversationId}/${command}`;

  it('is stored once, whether the id comes in the body or in the header, also at once', async () => {
    const named = { ...(body as object), messageId: 'once' };
    const answers = await Promise.all([
      act(path(), named),
      act(path(), named),
      act(path(), body, { ...reception, 'Idempotency-Key': 'once' }),
    ]);
    api.advance(60_000);
    answers.push(await act(path(), named));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });

  it('is stored as often as it comes without an id', async () => {
    const [first, second] = [await act(path(), body), await act(path(), body)];
    expect(first.body.id).not.toBe(second.body.id);
  });

  it('is ours alone: the customer reads nothing of it', async () => {
    await act(path(), { ...(body as object), agent: 'Dr. Ahrens' });
    await api.project();
    const read = await api.call('GET /widget/messages', { headers: session });
    expect(read.body.messages.map(({ text }: { text: string }) => text)).toEqual(['Minka limps.']);
  });

  it.each(['nonsense', unknownMessage])('answers 404 for the conversation %s', async (id) => {
    const answer = await act(`${id}/${command}`, body);
    expect(answer.status).toBe(404);
    expect(answer.body.detail).toBe('There is no such conversation.');
  });

  it('answers 400 with the path of a fault', async () => {
    const faulty = await act(path(), { ...(body as object), agent: '', messageId: 'x'.repeat(101) });
    expect(faulty.status).toBe(400);
    expect(pathsOf(faulty).sort()).toEqual(['agent', 'messageId']);
    expect((await act(path(), '{')).status).toBe(400);
  });

  it('is for keys that write conversations', async () => {
    expect((await act(path(), body, {})).status).toBe(401);
    for (const key of [keys.reader, keys.lookup, keys.website, keys.server]) {
      expect((await act(path(), body, byKey(key))).status).toBe(403);
    }
  });
});

describe('what an agent does', () => {
  it('stands on the timeline of the message that it names, with who did it and in words', async () => {
    const answer = await act(`${conversationId}/snooze`, { until: '2026-03-05T08:00:00+01:00', agent: 'Dr. Ahrens' });
    expect(await storedAs(answer)).toMatchObject({
      type: 'conversation.snoozed',
      channel: 'system',
      direction: 'internal',
      source: 'reception',
      text: 'Conversation set aside until 2026-03-05T07:00:00.000Z, by Dr. Ahrens',
      properties: { message: conversationId, until: '2026-03-05T07:00:00.000Z', agent: 'Dr. Ahrens' },
    });
    expect(await storedAs(await act(`${conversationId}/assign`, { assignee: null }))).toMatchObject({
      type: 'conversation.assigned',
      text: 'Assigned to nobody',
      properties: { message: conversationId },
    });
    expect(await storedAs(await act(`${conversationId}/note`, { text: 'Bites.' }))).toMatchObject({
      type: 'note.added',
      direction: 'internal',
      text: 'Bites.',
      properties: { message: conversationId },
    });
  });

  it('stays two things where an answer and a command carry the same id', async () => {
    const answered = await act(`${conversationId}/messages`, { text: 'Please come.', messageId: 'same' });
    const resolved = await act(`${conversationId}/resolve`, { messageId: 'same' });
    expect([answered.status, resolved.status]).toEqual([201, 201]);
    expect(resolved.body.id).not.toBe(answered.body.id);
  });

  it('needs no body where there is nothing to say', async () => {
    expect((await act(`${conversationId}/resolve`)).status).toBe(201);
    expect(pathsOf(await act(`${conversationId}/snooze`))).toEqual(['until']);
  });

  it.each([
    ['snooze', { until: 'tomorrow' }, 'until'],
    ['snooze', { until: '2026-03-02T08:59:59Z' }, 'until'],
    ['snooze', { until: '2027-03-05T08:00:00Z' }, 'until'],
    ['assign', {}, 'assignee'],
    ['assign', { assignee: ' ' }, 'assignee'],
    ['note', { text: ' ' }, 'text'],
    ['split', {}, 'message'],
    ['merge', {}, 'into'],
    ['merge', { into: unknownMessage }, 'into'],
    ['split', { message: unknownMessage }, 'message'],
  ])('answers 400 for %s with %j', async (command, body, path) => {
    const answer = await act(`${conversationId}/${command}`, body);
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual([path]);
  });
});

describe('POST /conversations/{id}/split and /merge', () => {
  it('name the message that begins a conversation, and the conversation that takes another in', async () => {
    const second = await write(session, 'Another matter: Rex coughs.');
    const split = await act(`${conversationId}/split`, { message: second, messageId: 'split-1' });
    expect(split.status).toBe(201);
    expect(await storedAs(split)).toMatchObject({ type: 'conversation.split', properties: { message: second } });
    const merged = await act(`${second}/merge`, { into: conversationId });
    expect(merged.status).toBe(201);
    expect(await storedAs(merged)).toMatchObject({
      type: 'conversation.merged',
      properties: { message: second, into: conversationId },
    });
  });

  it('refuse what belongs to another customer', async () => {
    const other = await write(await newVisitor(), 'Rex coughs.');
    expect((await act(`${conversationId}/merge`, { into: other })).status).toBe(409);
    const split = await act(`${conversationId}/split`, { message: other });
    expect([split.status, pathsOf(split)]).toEqual([400, ['message']]);
  });

  it('are for keys that write conversations', async () => {
    for (const path of ['split', 'merge']) {
      expect((await act(`${conversationId}/${path}`, {}, byKey(keys.reader))).status).toBe(403);
      expect((await act(`${conversationId}/${path}`, {}, {})).status).toBe(401);
    }
  });
});

describe('how a conversation stands', () => {
  /** After a second: what happens within the same millisecond has an order, but none that anybody meant. */
  const standing = async (id = conversationId) => {
    api.advance(1000);
    await api.project();
    return (await get(`/conversations/${id}`)).body;
  };
  const listed = async (status: string) =>
    (await get(`/conversations?status=${status}&limit=100`)).body.conversations.find(
      (conversation: { conversationId: string }) => conversation.conversationId === conversationId,
    );

  it('is resolved until the customer writes again, or somebody reopens it', async () => {
    await act(`${conversationId}/resolve`, { agent: 'Dr. Ahrens' });
    expect(await standing()).toMatchObject({ status: 'resolved' });
    expect(await listed('resolved')).toMatchObject({ endedWith: { text: 'Minka limps.' } });
    await act(`${conversationId}/reopen`);
    expect(await standing()).toMatchObject({ status: 'open', owes: 'us' });
    await act(`${conversationId}/resolve`);
    await standing();
    api.advance(60_000);
    const next = await write(session, 'She limps again.');
    const { conversationId: opened } = (await get(`/conversations/${next}`)).body;
    expect(await standing(opened)).toMatchObject({ status: 'open', endedWith: { text: 'She limps again.' } });
  });

  it('is set aside with the time at which it comes back, also in the inbox', async () => {
    await act(`${conversationId}/snooze`, { until: '2026-03-05T08:00:00+01:00' });
    expect(await standing()).toMatchObject({ status: 'snoozed', snoozedUntil: '2026-03-05T07:00:00.000Z' });
    expect(await listed('snoozed')).toMatchObject({ snoozedUntil: '2026-03-05T07:00:00.000Z' });
    await write(session, 'It is urgent.');
    expect(await standing()).toMatchObject({ status: 'open' });
    expect(await standing()).not.toHaveProperty('snoozedUntil');
  });

  it('names who takes care of it, until nobody does', async () => {
    await act(`${conversationId}/assign`, { assignee: 'Dr. Ahrens' });
    expect(await standing()).toMatchObject({ assignee: 'Dr. Ahrens', status: 'open' });
    expect(await listed('open')).toMatchObject({ assignee: 'Dr. Ahrens' });
    await act(`${conversationId}/assign`, { assignee: null });
    expect(await standing()).not.toHaveProperty('assignee');
  });

  it('is not changed by a note, which colleagues read among the messages', async () => {
    await act(`${conversationId}/note`, { text: 'Bites.', agent: 'Dr. Ahrens' });
    expect(await standing()).toMatchObject({ status: 'open', owes: 'us', endedWith: { text: 'Minka limps.' } });
    const { messages: all } = (await get(`/conversations/${conversationId}/messages`)).body;
    expect(all).toMatchObject([
      { text: 'Minka limps.', by: 'customer', reason: 'new' },
      { text: 'Bites.', internal: true, agent: 'Dr. Ahrens' },
    ]);
    expect(all[0]).not.toHaveProperty('internal');
  });

  it('is two after a split, and one again after a merge; any message names the one that it is in', async () => {
    const second = await write(session, 'Another matter: Rex coughs.');
    await act(`${conversationId}/split`, { message: second });
    expect((await standing(second)).conversationId).toBe(second);
    expect((await standing()).conversationId).toBe(conversationId);
    const { messages: apart } = (await get(`/conversations/${second}/messages`)).body;
    expect(apart).toMatchObject([{ id: second, reason: 'split' }]);
    await act(`${second}/merge`, { into: conversationId });
    expect((await standing(second)).conversationId).toBe(conversationId);
    const { messages: together } = (await get(`/conversations/${conversationId}/messages`)).body;
    expect(together.map(({ id }: { id: string }) => id)).toEqual([conversationId, second]);
  });
});

describe('POST /conversations/{id}/read', () => {
  const marks = async () => (await get(`/conversations/${conversationId}`)).body.readMarks;

  it('notes how far each of us has read, and never goes back', async () => {
    const second = await write(session, 'Since this morning.');
    const [first, last] = await api.timeline.readByIds([conversationId, second]);
    const read = await act(`${second}/read`, { upTo: second, agent: 'Dr. Ahrens' });
    expect([read.status, read.body]).toEqual([201, { id: second }]);
    expect((await act(`${conversationId}/read`, { upTo: conversationId, agent: 'Dr. Ahrens' })).status).toBe(201);
    expect((await act(`${conversationId}/read`, { upTo: conversationId })).status).toBe(201);
    expect(await marks()).toEqual([
      { by: 'agent', agent: 'Dr. Ahrens', until: last?.receivedAt },
      { by: 'agent', agent: 'reception', until: first?.receivedAt },
    ]);
  });

  it('stands beside how far the customer has read our answers', async () => {
    await act(`${conversationId}/messages`, { text: 'Please come.' });
    await api.project();
    await api.call('GET /widget/messages', { headers: session });
    expect(await marks()).toEqual([{ by: 'customer', until: expect.any(String) }]);
  });

  it('answers 400 for a message of another conversation, 404 for none, 403 for a key that only reads', async () => {
    const other = await write(await newVisitor(), 'Rex coughs.');
    for (const upTo of [other, unknownMessage, 'nonsense']) {
      const answer = await act(`${conversationId}/read`, { upTo });
      expect([answer.status, pathsOf(answer)]).toEqual([400, ['upTo']]);
    }
    expect(pathsOf(await act(`${conversationId}/read`, {}))).toEqual(['upTo']);
    expect((await act(`${unknownMessage}/read`, { upTo: conversationId })).status).toBe(404);
    expect((await act(`${conversationId}/read`, { upTo: conversationId }, byKey(keys.reader))).status).toBe(403);
    expect((await act(`${conversationId}/read`, { upTo: conversationId }, {})).status).toBe(401);
  });
});

describe('POST /conversations', () => {
  const start = (body: unknown, headers: Record<string, string> = reception) =>
    api.call('POST /conversations', { headers, body });

  it('begins a conversation of its own, though another one is open, and stores it once', async () => {
    const customerId = conversationId.slice(0, 22);
    const body = {
      customerId,
      text: 'Minka is due for her vaccination.',
      agent: 'Dr. Ahrens',
      messageId: `due-${customerId}`,
    };
    const answer = await start(body);
    expect(answer.status).toBe(201);
    expect((await start(body)).body).toEqual(answer.body);
    await api.project();
    expect((await get(`/conversations/${answer.body.id}`)).body).toMatchObject({
      conversationId: answer.body.id,
      customerId,
      status: 'pending',
      channel: 'web',
      endedWith: { text: 'Minka is due for her vaccination.', by: 'agent' },
    });
    expect((await get(`/conversations/${conversationId}`)).body.endedWith.text).toBe('Minka limps.');
  });

  it('answers 409 where the customer cannot be reached this way, 404 where nobody knows them', async () => {
    const customerId = conversationId.slice(0, 22);
    expect((await start({ customerId, channel: 'email', text: 'Due.' })).status).toBe(409);
    for (const id of ['A'.repeat(22), 'nonsense'])
      expect((await start({ customerId: id, text: 'Due.' })).status).toBe(404);
  });

  it.each([
    [{ text: 'Due.' }, ['customerId']],
    [{ customerId: 'A'.repeat(22) }, ['text']],
    [{ customerId: 'A'.repeat(22), text: ' ', channel: 'voice', subject: '' }, ['channel', 'subject', 'text']],
  ])('answers 400 for %j', async (body, paths) => {
    const answer = await start(body);
    expect([answer.status, pathsOf(answer).sort()]).toEqual([400, paths]);
  });

  it('is for keys that write conversations', async () => {
    const body = { customerId: conversationId.slice(0, 22), text: 'Due.' };
    expect((await start(body, {})).status).toBe(401);
    for (const key of [keys.reader, keys.lookup, keys.server]) expect((await start(body, byKey(key))).status).toBe(403);
  });
});
