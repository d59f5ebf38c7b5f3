import { beforeAll, describe, expect, it } from 'vitest';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { readConversation } from '../../shared/customer/readConversation.ts';
import { readCustomer } from '../../shared/customer/readCustomer.ts';
import { keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

/*
 * Two browsers were taken for one account's: what the one says is about a walnut, what the other says about a hazel. An
 * agent parts them. Nothing is projected from then on unless a test says so.
 */

let api: PracticeApi;
let nowMs = Date.UTC(2026, 2, 2, 9);
let accounts = 0;
let messages = 0;

beforeAll(async () => {
  api = await startPracticeApi();
});

const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const reception = byKey(keys.reception);
const get = (path: string) => api.call(`GET ${path}`, { headers: reception });
const post = (path: string, body: unknown) => api.call(`POST ${path}`, { headers: reception, body });

function advance(milliseconds: number): void {
  nowMs += milliseconds;
  api.advance(milliseconds);
}

async function visitor(anonymousId: string) {
  const open = () => api.call('POST /widget/session', { headers: byKey(keys.website), body: { anonymousId } });
  const session = byKey((await open()).body.token);
  return {
    open,
    identifier: `anonymousId:${anonymousId}`,
    leaf: api.leafOf({ type: 'anonymousId', value: anonymousId }),
    reads: async (path: 'messages' | 'history') => (await api.call(`GET /widget/${path}`, { headers: session })).text,
    async write(text: string): Promise<string> {
      const body = { messageId: `m-${++messages}`, text, sentAt: new Date(nowMs).toISOString() };
      const { id } = (await api.call('POST /widget/messages', { headers: session, body })).body;
      await api.project();
      advance(60_000);
      return id;
    },
  };
}

/** A conversation that the one begins and the other goes on with; `opening` and `joined` are what they wrote. */
async function oneConversation(others = 0) {
  const account = `account-${++accounts}`;
  const [walnut, hazel] = [await visitor(`${account}-walnut`), await visitor(`${account}-hazel`)];
  const opening = await walnut.write('walnut first');
  for (const { identifier } of [walnut, hazel]) {
    const linked = await post(`/customers/${walnut.leaf}/links`, { a: `userId:${account}`, b: identifier });
    expect(linked.status).toBe(200);
    await api.project();
    advance(1000);
  }
  const joined = await hazel.write('hazel second');
  for (let index = 0; index < others; index++) {
    const body = { customerId: walnut.leaf, channel: 'web', text: `another matter ${index}` };
    expect((await post('/conversations', body)).status).toBe(201);
    await api.project();
    advance(1000);
  }
  expect((await get(`/conversations/${opening}/messages`)).text).toMatch(/walnut first.*hazel second/);
  const part = async ({ identifier, leaf }: typeof walnut) => {
    const body = { a: identifier, b: `userId:${account}`, reason: 'Two people.' };
    expect((await post(`/customers/${leaf}/links/remove`, body)).status).toBe(200);
  };
  return { walnut, hazel, opening, joined, part };
}

/** Everything that the conversation of a message shows to agents. */
async function shownOf(message: string): Promise<string> {
  const answers = await Promise.all([get(`/conversations/${message}`), get(`/conversations/${message}/messages`)]);
  return answers.map(({ status, text }) => `${status} ${text}`).join('\n');
}

// With six others the conversation does not lie with the customer's head any more.
describe.each([0, 6])('after two people were parted who shared a conversation, beside %i others,', (others) => {
  it.each(['walnut', 'hazel'] as const)(
    'none sees a word of the other one at any time, when %s leaves',
    async (who) => {
      const { hazel, joined, opening, part, walnut } = await oneConversation(others);
      await part(who === 'walnut' ? walnut : hazel);
      for (const isProjected of [false, true]) {
        if (isProjected) await api.project();
        expect(await shownOf(opening)).toMatch(/^200.*walnut first.*\n200.*walnut first/);
        expect(await shownOf(opening)).not.toMatch(/hazel second/);
        expect(await shownOf(joined)).toMatch(/^200.*hazel second.*\n200.*hazel second/);
        expect(await shownOf(joined)).not.toMatch(/walnut first/);
        for (const [person, other] of [
          [walnut, /hazel second/],
          [hazel, /walnut first/],
        ] as const) {
          const context = await get(`/customers/${person.leaf}/context`);
          expect(context.status).toBe(200);
          for (const text of [context.text, (await person.open()).text]) expect(text).not.toMatch(other);
          for (const path of ['messages', 'history'] as const) expect(await person.reads(path)).not.toMatch(other);
        }
        expect(await walnut.reads('history')).toMatch(/walnut first/);
        expect(await hazel.reads('history')).toMatch(/hazel second/);
      }
    },
  );
});

it('an answer goes to whom the conversation still belongs, not to who wrote in it last', async () => {
  const { hazel, joined, opening, part, walnut } = await oneConversation();
  await part(hazel);
  const answered = await post(`/conversations/${opening}/messages`, { text: 'an answer' });
  expect(answered.status).toBe(201);
  expect(answered.body.id.startsWith(walnut.leaf)).toBe(true);
  const other = await post(`/conversations/${joined}/messages`, { text: 'something else' });
  expect(other.body.id.startsWith(hazel.leaf)).toBe(true);
  await api.project();
  expect(await walnut.reads('messages')).toMatch(/an answer/);
  expect(await hazel.reads('messages')).toMatch(/something else/);
  expect(await hazel.reads('history')).not.toMatch(/an answer/);
});

it('a linked customer costs two round trips and three read units, by the conversation as by the context', async () => {
  const { hazel, opening } = await oneConversation();
  const ports = { customers: createCustomerStore(api.table), timeline: api.timeline };
  const conversations = createConversationStore(api.table, api.timeline);
  for (const read of [
    () => readConversation({ ...ports, conversations }, opening),
    () => readCustomer(ports, hazel.leaf),
  ]) {
    api.table.reset();
    expect(await read()).toBeDefined();
    expect(api.table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0)).toBeLessThanOrEqual(3);
    expect(api.table.calls.filter(({ command }) => command === 'QueryCommand')).toHaveLength(2);
  }
});
