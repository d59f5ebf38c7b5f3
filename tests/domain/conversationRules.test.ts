import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { appendDrafts, type CardDraft, foldDrafts } from '../../shared/conversation/cardDrafts.ts';
import { messageOf } from '../../shared/conversation/conversationMessage.ts';
import { storyOf } from '../../shared/conversation/conversationStory.ts';
import { byPosition } from '../../shared/conversation/foldConversations.ts';
import {
  answered,
  dayMs,
  hourMs,
  interaction,
  minuteMs,
  mondayMs,
  said,
  testLeaf,
} from '../support/leafInteractions.ts';

function messagesOf(interactions: readonly Interaction[]) {
  return interactions.flatMap((one) => messageOf(one) ?? []);
}

function fold(interactions: readonly Interaction[]) {
  return foldDrafts(testLeaf, storyOf(interactions));
}

/** Each message's text with the text of its conversation's opening message and the reason. */
function membership(interactions: readonly Interaction[]): Record<string, string> {
  const texts = new Map(interactions.map(({ id, text = '' }) => [id, text]));
  const { memberships } = fold(interactions);
  return Object.fromEntries(
    [...memberships].map(([id, { conversationId, reason }]) => [
      texts.get(id) ?? id,
      `${texts.get(conversationId)} ${reason}`,
    ]),
  );
}

const hello = said('hello', mondayMs);

describe('a chat message', () => {
  test('begins a conversation that has its id', () => {
    const { drafts } = fold([hello]);
    expect(drafts.map(({ conversationId, customerId }) => [conversationId, customerId])).toEqual([
      [hello.id, testLeaf],
    ]);
    expect(membership([hello])).toEqual({ hello: 'hello new' });
  });

  test('continues what was said up to fourteen days before', () => {
    expect(membership([hello, said('still', mondayMs + 14 * dayMs)])).toEqual({
      hello: 'hello new',
      still: 'hello open',
    });
  });

  test('begins anew a millisecond later', () => {
    expect(membership([hello, said('again', mondayMs + 14 * dayMs + 1)])).toEqual({
      hello: 'hello new',
      again: 'again new',
    });
  });

  test('continues the conversation in which somebody spoke last', () => {
    const second = said('second', mondayMs + 20 * dayMs);
    const answer = answered('answer', mondayMs + 21 * dayMs, hello.id);
    expect(membership([hello, second, answer, said('third', mondayMs + 22 * dayMs)])).toEqual({
      hello: 'hello new',
      second: 'second new',
      answer: 'hello reference',
      third: 'hello open',
    });
  });

  test('received 72 hours after it was written still continues', () => {
    const offline = said('offline', mondayMs + hourMs, { receivedAtMs: mondayMs + hourMs + 72 * hourMs });
    expect(membership([hello, offline])).toEqual({ hello: 'hello new', offline: 'hello open' });
  });

  test('received later than that stands alone, and nobody continues it', () => {
    const late = said('late', mondayMs + hourMs, { receivedAtMs: mondayMs + hourMs + 72 * hourMs + 1 });
    expect(membership([hello, late, said('next', mondayMs + 2 * hourMs)])).toEqual({
      hello: 'hello new',
      late: 'late new',
      next: 'hello open',
    });
    expect(membership([late, said('next', mondayMs + 2 * hourMs)])).toEqual({ late: 'late new', next: 'next new' });
  });

  test('that came too late is continued once it was answered', () => {
    const late = said('late', mondayMs, { receivedAtMs: mondayMs + 4 * dayMs });
    const answer = answered('answer', mondayMs + 4 * dayMs + hourMs, late.id);
    expect(membership([late, answer, said('thanks', mondayMs + 4 * dayMs + 2 * hourMs)])).toEqual({
      late: 'late new',
      answer: 'late reference',
      thanks: 'late open',
    });
  });

  test('does not choose its conversation by a reference of its own', () => {
    const forged = said('forged', mondayMs + 20 * dayMs, { properties: { inReplyTo: hello.id } });
    expect(membership([hello, forged])).toEqual({ hello: 'hello new', forged: 'forged new' });
  });

  test('is all that belongs to a conversation: no view, no order, nothing that the platform notes', () => {
    const view = interaction({ messageId: 'view' });
    const order = interaction({ messageId: 'order', type: 'order.completed' });
    const note = interaction({ messageId: 'note', type: 'message.received', channel: 'system' });
    expect(fold([view, order, note]).drafts).toEqual([]);
  });

  test('goes on by text message, and back', () => {
    const sms = said('sms', mondayMs + hourMs, { channel: 'sms' });
    expect(membership([hello, sms, said('more', mondayMs + 2 * hourMs)])).toEqual({
      hello: 'hello new',
      sms: 'hello open',
      more: 'hello open',
    });
  });
});

describe("an agent's answer", () => {
  test('belongs where the message belongs to which it refers', () => {
    const more = said('more', mondayMs + hourMs);
    expect(membership([hello, more, answered('answer', mondayMs + 2 * hourMs, more.id)])).toEqual({
      hello: 'hello new',
      more: 'hello open',
      answer: 'hello reference',
    });
  });

  test("belongs there also where the customer's clock is ahead of ours", () => {
    const ahead = said('ahead', mondayMs + 9 * minuteMs, { receivedAtMs: mondayMs });
    const answer = answered('answer', mondayMs + minuteMs, ahead.id);
    const further = answered('further', mondayMs + 2 * minuteMs, answer.id);
    expect(membership([ahead, answer, further])).toEqual({
      ahead: 'ahead new',
      answer: 'ahead reference',
      further: 'ahead reference',
    });
  });

  test('to a message that is not there goes by time until it is', () => {
    const later = said('later', mondayMs + 20 * dayMs);
    const answer = answered('answer', mondayMs + hourMs, later.id);
    expect(membership([hello, answer])).toEqual({ hello: 'hello new', answer: 'hello open' });
    expect(fold([hello, answer]).drafts[0]?.awaitedAnchors).toEqual([later.id]);
    expect(membership([hello, answer, later])).toEqual({
      hello: 'hello new',
      answer: 'later reference',
      later: 'later new',
    });
  });

  test('that refers in a circle still belongs somewhere', () => {
    const one = answered('one', mondayMs + 1);
    const two = answered('two', mondayMs + 2, one.id);
    const circle = [hello, { ...one, properties: { inReplyTo: two.id } }, two];
    expect(membership(circle)).toEqual({ hello: 'hello new', one: 'hello open', two: 'hello reference' });
  });
});

describe('a conversation stands', () => {
  const standing = (...interactions: Interaction[]) => {
    const [draft] = fold(interactions).drafts;
    return draft && { status: draft.status, owes: draft.owes, waitingSince: draft.waitingSince };
  };

  test('open while the customer waits, since the first unanswered message', () => {
    expect(standing(hello, said('anybody?', mondayMs + minuteMs))).toEqual({
      status: 'open',
      owes: 'us',
      waitingSince: '2026-03-02T09:00:00.000Z',
    });
  });

  test('pending while the customer owes an answer', () => {
    expect(standing(hello, answered('yes', mondayMs + minuteMs, hello.id))).toEqual({
      status: 'pending',
      owes: 'customer',
      waitingSince: undefined,
    });
  });

  test('by the order of arrival, whatever the clocks say', () => {
    const slow = said('slow clock', mondayMs - hourMs, { receivedAtMs: mondayMs + 2 * minuteMs });
    const answer = answered('yes', mondayMs + minuteMs, hello.id);
    expect(standing(hello, answer, slow)).toEqual({
      status: 'open',
      owes: 'us',
      waitingSince: '2026-03-02T09:02:00.000Z',
    });
  });

  test('unanswered by what the platform says by itself', () => {
    const automatic = answered('we will answer soon', mondayMs + minuteMs, hello.id, {
      properties: { inReplyTo: hello.id, automatic: true },
    });
    expect(standing(hello, automatic)).toEqual({
      status: 'open',
      owes: 'us',
      waitingSince: '2026-03-02T09:00:00.000Z',
    });
    expect(fold([hello, automatic]).drafts[0]?.endedWith.by).toBe('system');
  });

  test('with its last words, cut to 160 characters on one line', () => {
    const long = said('long', mondayMs, { text: `Minka\n limps. ${'🐈'.repeat(300)}` });
    const endedWith = fold([long]).drafts[0]?.endedWith;
    expect(endedWith).toEqual({
      text: `Minka limps. ${'🐈'.repeat(146)}…`,
      by: 'customer',
      at: '2026-03-02T09:00:00.000Z',
      channel: 'web',
    });
    expect(Array.from(endedWith?.text ?? '').length).toBe(160);
  });
});

/** A leaf's messages over some weeks: bursts, gaps around the fortnight, clocks that are wrong, references anywhere. */
const story = fc
  .array(
    fc.record({
      occurredAtMs: fc
        .record({ day: fc.constantFrom(0, 0, 1, 13, 14, 15, 28, 29, 45), minute: fc.integer({ min: 0, max: 30 }) })
        .map(({ day, minute }) => mondayMs + day * dayMs + minute * minuteMs),
      delayMs: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: -9 * minuteMs, max: 72 * hourMs }) },
        { weight: 1, arbitrary: fc.integer({ min: 72 * hourMs + 1, max: 100 * hourMs }) },
      ),
      refersTo: fc.option(fc.nat(), { freq: 2, nil: undefined }),
      ours: fc.boolean(),
    }),
    { minLength: 1, maxLength: 14, size: 'max' },
  )
  .map((list) => {
    const plain = list.map(({ occurredAtMs, delayMs, ours }, index) => {
      const fields = { receivedAtMs: occurredAtMs + delayMs };
      const name = `message-${index}`;
      return ours ? answered(name, occurredAtMs, undefined, fields) : said(name, occurredAtMs, fields);
    });
    return plain.map((message, index) => {
      const refersTo = list[index]?.refersTo;
      const target = refersTo === undefined ? undefined : plain[refersTo % plain.length];
      return message.type === 'message.sent' && target && target !== message
        ? { ...message, properties: { inReplyTo: target.id } }
        : message;
    });
  });

describe('INV-C: membership', () => {
  test('does not depend on the order in which messages are given', () => {
    fc.assert(
      fc.property(
        story.chain((messages) =>
          fc.tuple(fc.constant(messages), fc.shuffledSubarray(messages, { minLength: messages.length })),
        ),
        ([messages, shuffled]) => {
          expect(membership(shuffled)).toEqual(membership(messages));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('does not depend on when messages arrive within 72 hours', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 72 * hourMs }), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(story, arrivals, arrivals, (messages, one, other) => {
        const arrivingAfter = (delays: number[]) =>
          messages.map((message, index) => {
            const receivedAtMs = Date.parse(message.occurredAt) + (delays[index] ?? 0);
            return { ...message, receivedAt: new Date(receivedAtMs).toISOString() };
          });
        expect(membership(arrivingAfter(one))).toEqual(membership(arrivingAfter(other)));
      }),
      { numRuns: 1000 },
    );
  });

  test('is the same going on from cards as starting from all messages, where going on is possible at all', () => {
    let appended = 0;
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 4 }), (interactions, batchSize) => {
        const messages = messagesOf(interactions).sort(byPosition);
        let cards: CardDraft[] = [];
        for (let end = batchSize; end < messages.length + batchSize; end += batchSize) {
          const batch = messages.slice(end - batchSize, end);
          const so = foldDrafts(testLeaf, { messages: messages.slice(0, end), commands: [], links: [] });
          const next = appendDrafts(testLeaf, cards, batch);
          if (next) {
            appended++;
            expect(forComparison(next.drafts)).toEqual(forComparison(so.drafts));
            for (const { id } of batch) expect(next.memberships.get(id)).toEqual(so.memberships.get(id));
          }
          cards = so.drafts;
        }
      }),
      { numRuns: 1000 },
    );
    expect(appended).toBeGreaterThan(500);
  });
});

/** Cards by id, without what differs because untouched cards keep what they knew of the leaf. */
function forComparison(drafts: readonly CardDraft[]) {
  return drafts
    .map(({ newestPosition: _newestPosition, awaitedAnchors: _awaitedAnchors, ...shown }) => shown)
    .sort((one, other) => (one.conversationId < other.conversationId ? -1 : 1));
}
