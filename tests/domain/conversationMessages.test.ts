import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { arrivalOf } from '../../shared/conversation/conversationKeys.ts';
import { type MessageSource, readMessages } from '../../shared/conversation/readMessages.ts';
import { answered, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';

const conversationId = said('opening', mondayMs).id;

/** A conversation in memory; messages become visible when they are projected. */
function createConversation() {
  const projected: Interaction[] = [];
  const source: MessageSource = {
    async readPointers(_conversationId, { from, to, limit }) {
      const pointers = projected
        .map(({ id, receivedAt }) => ({ messageId: id, receivedAtMs: Date.parse(receivedAt) }))
        .map((pointer) => ({ ...pointer, arrival: arrivalOf({ id: pointer.messageId, ...pointer }) }))
        .filter(({ arrival }) => arrival >= from && arrival <= to)
        .sort((one, other) => (one.arrival < other.arrival ? -1 : 1));
      return { pointers: pointers.slice(0, limit), more: pointers.length > limit };
    },
    readByIds: async (ids) => projected.filter(({ id }) => ids.includes(id)),
  };
  return {
    project: (message: Interaction, to = conversationId) => projected.push({ ...message, conversationId: to }),
    read: (after: string | null, limit = 10) =>
      readMessages(source, { conversationId, limit, ...(after === null ? {} : { after }) }),
  };
}

/** Reads until nothing comes any more. */
async function readOn(conversation: ReturnType<typeof createConversation>, after: string | null, limit: number) {
  const texts: string[] = [];
  let next = after;
  for (;;) {
    const page = await conversation.read(next, limit);
    texts.push(...page.messages.map(({ text }) => text));
    next = page.next;
    if (page.messages.length === 0) return { texts, next };
  }
}

describe('a reader of a conversation', () => {
  test('gets messages in order of arrival, with who said them', async () => {
    const conversation = createConversation();
    conversation.project(answered('yes', mondayMs + 2 * minuteMs));
    conversation.project(said('offline', mondayMs - minuteMs, { receivedAtMs: mondayMs + 3 * minuteMs }));
    conversation.project(said('hello', mondayMs));
    const { messages } = await conversation.read(null);
    expect(messages.map(({ at, by, channel, text }) => ({ at, by, channel, text }))).toEqual([
      { at: '2026-03-02T09:00:00.000Z', by: 'customer', channel: 'web', text: 'hello' },
      { at: '2026-03-02T09:02:00.000Z', by: 'agent', channel: 'web', text: 'yes' },
      { at: '2026-03-02T08:59:00.000Z', by: 'customer', channel: 'web', text: 'offline' },
    ]);
  });

  test('has no cursor before the first message and always one after', async () => {
    const conversation = createConversation();
    expect(await conversation.read(null)).toEqual({ messages: [], next: null });
    conversation.project(said('hello', mondayMs));
    const { next } = await conversation.read(null);
    expect(next).toEqual(expect.any(String));
    const again = await conversation.read(next);
    expect(again).toEqual({ messages: [], next });
  });

  test('gets a message that is projected up to five minutes after its neighbours', async () => {
    const conversation = createConversation();
    conversation.project(said('second', mondayMs + 5 * minuteMs));
    const { next } = await conversation.read(null);
    conversation.project(said('first', mondayMs));
    expect((await readOn(conversation, next, 10)).texts).toEqual(['first']);
  });

  test('does not stop at pointers of messages that belong elsewhere by now', async () => {
    const conversation = createConversation();
    for (let index = 0; index < 30; index++) {
      conversation.project(said(`moved ${index}`, mondayMs + index), said('other', mondayMs).id);
    }
    conversation.project(said('here', mondayMs + minuteMs));
    expect((await conversation.read(null, 3)).messages.map(({ text }) => text)).toEqual(['here']);
  });

  test('comes to an end also where hundreds of messages share five minutes, by a cursor under 4,000 characters', async () => {
    const conversation = createConversation();
    const texts = Array.from({ length: 450 }, (_, index) => `message ${index}`);
    texts.forEach((text, index) => {
      conversation.project(said(text, mondayMs + index));
    });
    const all = await readOn(conversation, null, 100);
    expect(all.texts).toEqual(texts);
    expect(all.next?.length).toBeLessThan(4_000);
    conversation.project(said('late', mondayMs + 440));
    expect((await readOn(conversation, all.next, 100)).texts).toEqual(['late']);
  });

  test.each([
    'nothing',
    '',
    '%%%',
    Buffer.from('{"t":-1,"f":0,"seen":""}').toString('base64url'),
    Buffer.from('{"t":1,"f":0,"seen":"abc"}').toString('base64url'),
    Buffer.from('{"t":1e300,"f":0,"seen":""}').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
  ])('is told that %j is no cursor', async (after) => {
    await expect(createConversation().read(after)).rejects.toMatchObject({
      code: 'invalid-request',
      issues: [{ path: 'after' }],
    });
  });
});

test('each message reaches a polling reader exactly once, however projection and polls interleave', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        aheadMs: fc.integer({ min: 0, max: 4 * minuteMs }),
        // How many steps later it is projected: by then the conversation is at most five minutes ahead.
        lag: fc.integer({ min: 0, max: 3 }),
      }),
      fc.record({ poll: fc.integer({ min: 1, max: 3 }) }),
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const conversation = createConversation();
      const pending: { at: number; message: Interaction }[] = [];
      const expected: string[] = [];
      const got: string[] = [];
      let next: string | null = null;
      for (const [index, step] of list.entries()) {
        if ('poll' in step) {
          const page = await conversation.read(next, step.poll);
          got.push(...page.messages.map(({ text }) => text));
          next = page.next;
        } else {
          const text = `message ${index}`;
          // The stretch of 40 steps moves on by a minute each; nothing lags by more than five minutes.
          const message = said(text, mondayMs + index * minuteMs + Math.min(step.aheadMs, minuteMs - 1));
          expected.push(text);
          pending.push({ at: index + step.lag, message });
        }
        for (const { message } of pending.filter(({ at }) => at === index)) conversation.project(message);
      }
      for (const { message } of pending.filter(({ at }) => at >= list.length)) conversation.project(message);
      got.push(...(await readOn(conversation, next, 2)).texts);
      expect(got.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 300 },
  );
});
