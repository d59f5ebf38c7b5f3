import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { identitySecret, keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
beforeAll(async () => {
  api = await startPracticeApi();
});

const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const reception = byKey(keys.reception);
const get = async (path: string) => (await api.call(`GET ${path}`, { headers: reception })).body;
const texts = (messages: { text: string }[]) => messages.map(({ text }) => text);

let people = 0;
let messages = 0;

/** Somebody with an account, who signs in on whatever device they take. */
function newPerson() {
  const userId = `account-${++people}`;
  const userHash = createHmac('sha256', identitySecret).update(userId).digest('hex');
  let devices = 0;
  return {
    userId,
    customerId: api.leafOf({ type: 'userId', value: userId }),
    async takesDevice(claims: Record<string, string> = {}) {
      const anonymousId = `${userId}-device-${++devices}`;
      const open = () =>
        api.call('POST /widget/session', {
          headers: byKey(keys.website),
          body: { anonymousId, userId, userHash, claims },
        });
      const session = byKey((await open()).body.token);
      await api.project();
      advance(1000);
      return {
        leaf: api.leafOf({ type: 'anonymousId', value: anonymousId }),
        open,
        async write(text: string): Promise<string> {
          // By the visitor's own clock: what is said after a link continues what it joined.
          const sentAt = new Date(nowMs).toISOString();
          const body = { messageId: `m-${++messages}`, text, sentAt };
          const answer = await api.call('POST /widget/messages', { headers: session, body });
          expect(answer.status).toBe(201);
          await api.project();
          advance(60_000);
          return answer.body.id;
        },
        read: async (query = '') => (await api.call(`GET /widget/messages${query}`, { headers: session })).body,
      };
    },
  };
}

let nowMs = Date.UTC(2026, 2, 2, 9);
function advance(milliseconds: number): void {
  nowMs += milliseconds;
  api.advance(milliseconds);
}

async function answer(conversationId: string, text: string, messageId?: string): Promise<string> {
  const answered = await api.call(`POST /conversations/${conversationId}/messages`, {
    headers: reception,
    body: { text, ...(messageId === undefined ? {} : { messageId }) },
  });
  expect(answered.status).toBe(201);
  await api.project();
  advance(60_000);
  return answered.body.id;
}

describe('a customer who signed in on two devices', () => {
  it('is one customer for the agent, by either device and by account', async () => {
    const lena = newPerson();
    const phone = await lena.takesDevice({ name: 'Lena Vogt' });
    const opening = await phone.write('Minka limps');
    const laptop = await lena.takesDevice();
    await laptop.write('She is better now');

    for (const id of [lena.customerId, phone.leaf, laptop.leaf]) {
      const context = await get(`/customers/${id}/context`);
      expect(context.customer).toMatchObject({ customerId: lena.customerId, name: 'Lena Vogt' });
      expect(context.conversations).toMatchObject([
        { conversationId: opening, endedWith: { text: 'She is better now' }, owes: 'us' },
      ]);
      const { interactions } = await get(`/customers/${id}/timeline?kinds=message`);
      expect(texts(interactions)).toEqual(['She is better now', 'Minka limps']);
      expect(interactions[0]).toMatchObject({ conversationId: opening, continuity: { reason: 'open' } });
    }
    const found = await get(`/customers?identifier=userId:${lena.userId}`);
    expect(found.customers).toHaveLength(1);
    expect(found.customers[0].identifiers.map(({ type, value }: Record<string, string>) => `${type}:${value}`)).toEqual(
      [`userId:${lena.userId}`, `anonymousId:${lena.userId}-device-1`, `anonymousId:${lena.userId}-device-2`],
    );
    const inbox = await get('/conversations?status=open&limit=100');
    expect(inbox.conversations).toContainEqual(
      expect.objectContaining({ conversationId: opening, customerId: lena.customerId, name: 'Lena Vogt' }),
    );
    expect(texts((await get(`/conversations/${opening}/messages`)).messages)).toEqual([
      'Minka limps',
      'She is better now',
    ]);
  });

  it('is answered where they wrote last, and only there', async () => {
    const lena = newPerson();
    const phone = await lena.takesDevice();
    const opening = await phone.write('first from the phone');
    await answer(opening, 'answer to the phone');
    const laptop = await lena.takesDevice();
    await laptop.write('then from the laptop');
    await answer(opening, 'answer to the laptop');

    expect(texts((await phone.read()).messages)).toEqual(['first from the phone', 'answer to the phone']);
    const page = await laptop.read();
    expect(texts(page.messages)).toEqual(['then from the laptop', 'answer to the laptop']);
    await phone.write('and the phone again');
    await answer(opening, 'to the phone again');
    expect(texts((await laptop.read(`?after=${page.next}`)).messages)).toEqual([]);
    expect(texts((await phone.read()).messages)).toEqual([
      'first from the phone',
      'answer to the phone',
      'and the phone again',
      'to the phone again',
    ]);
  });

  it('reads in a new session the last words of this device, not of another', async () => {
    const lena = newPerson();
    const phone = await lena.takesDevice();
    const opening = await phone.write('only for the phone');
    const laptop = await lena.takesDevice();
    expect((await laptop.open()).body.conversation).toBeUndefined();
    await laptop.write('from the laptop');
    await phone.write('the phone has the last word');
    expect((await laptop.open()).body.conversation).toMatchObject({
      conversationId: opening,
      endedWith: { text: 'from the laptop', by: 'customer', channel: 'web' },
    });
  });

  it('gets an answer once, also where it is sent again after the customer wrote from elsewhere', async () => {
    const lena = newPerson();
    const phone = await lena.takesDevice();
    const opening = await phone.write('first');
    const laptop = await lena.takesDevice();
    const id = await answer(opening, 'the answer', 'answer-1');
    await laptop.write('second');
    expect(await answer(opening, 'the answer', 'answer-1')).toBe(id);
    expect(texts((await get(`/conversations/${opening}/messages`)).messages)).toEqual([
      'first',
      'the answer',
      'second',
    ]);
  });
});

describe('a customer who claims another account', () => {
  it('stays apart: nothing of the account is read in the claimed session or shown as one customer', async () => {
    const lena = newPerson();
    const phone = await lena.takesDevice();
    await phone.write('for my vet alone');
    const opened = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: 'a-stranger', userId: lena.userId },
    });
    await api.project();
    expect(opened.body.conversation).toBeUndefined();
    const read = await api.call('GET /widget/messages', { headers: byKey(opened.body.token) });
    expect(read.body.messages).toEqual([]);
    const stranger = api.leafOf({ type: 'anonymousId', value: 'a-stranger' });
    expect((await get(`/customers/${stranger}`)).customerId).toBe(stranger);
  });
});
