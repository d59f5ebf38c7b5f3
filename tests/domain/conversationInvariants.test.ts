import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { appendDrafts, type CardDraft, foldDrafts } from '../../shared/conversation/cardDrafts.ts';
import { storyOf } from '../../shared/conversation/conversationStory.ts';
import { dayMs, hourMs, interaction, minuteMs, mondayMs } from '../support/leafInteractions.ts';
import { newLeaf } from '../support/timelineMessages.ts';

/*
 * INV-C over everything that can happen to conversations: three leaves of one customer, all channels, references and
 * tokens forwards and backwards, commands of agents in any order, links and partings in between.
 */
const [browser, laptop, mailbox] = ['browser', 'laptop', 'mailbox'].map(newLeaf) as [string, string, string];
const leaves = [browser, laptop, mailbox];
const elsewhere = interaction({ leaf: newLeaf('elsewhere'), type: 'message.sent', messageId: 'elsewhere' }).id;

const commands = ['resolved', 'resolved', 'reopened', 'snoozed', 'woken', 'assigned', 'split', 'merged'];
const words = ['chat', 'chat', 'mail', 'mail', 'answer', 'answer', 'note', 'call', 'token'];

const stepArbitrary = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...words) },
    { weight: 3, arbitrary: fc.constantFrom(...commands) },
    { weight: 1, arbitrary: fc.constantFrom('linked', 'unlinked') },
  ),
  at: fc
    .record({ day: fc.constantFrom(0, 0, 0, 1, 13, 14, 15), minute: fc.integer({ min: 0, max: 40 }) })
    .map(({ day, minute }) => mondayMs + day * dayMs + minute * minuteMs),
  delayMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: -9 * minuteMs, max: 2 * hourMs }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 72 * hourMs }) },
    { weight: 1, arbitrary: fc.integer({ min: 72 * hourMs + 1, max: 100 * hourMs }) },
  ),
  leaf: fc.nat({ max: 2 }),
  one: fc.nat(),
  other: fc.nat(),
});
const story = fc.array(stepArbitrary, { minLength: 1, maxLength: 16, size: 'max' }).map((steps) => {
  const plain = steps.map(({ at, delayMs, leaf, what }, index) => {
    const isOurs = !words.includes(what) || what === 'answer' || what === 'note';
    return fieldsOf(what, {
      leaf: leaves[leaf] ?? browser,
      messageId: `step-${index}`,
      text: `step-${index}`,
      occurredAtMs: at,
      // What we do happens when we get it.
      receivedAtMs: isOurs ? at : at + delayMs,
    });
  });
  const ids = plain.map((fields) => interaction(fields).id);
  return steps.map(({ one, other, what }, index): Interaction => {
    const named = [one, other].map((place) => (place % 7 === 0 ? elsewhere : ids[place % ids.length]));
    return interaction({ ...(plain[index] as Fields), properties: propertiesOf(what, named as [string, string], one) });
  });
});
type Fields = Parameters<typeof interaction>[0];

function fieldsOf(what: string, fields: Fields): Fields {
  if (commands.includes(what)) {
    return { ...fields, type: `conversation.${what}`, channel: 'system', direction: 'internal' };
  }
  switch (what) {
    case 'linked':
    case 'unlinked':
      return { ...fields, type: `identity.${what}`, channel: 'system', direction: 'internal' };
    case 'note':
      return { ...fields, type: 'note.added', channel: 'system', direction: 'internal' };
    case 'answer':
      return { ...fields, type: 'message.sent', channel: 'web', direction: 'outbound' };
    case 'call':
      return { ...fields, type: 'call.started', channel: 'voice' };
    case 'mail':
      return { ...fields, type: 'message.received', channel: 'email' };
    default:
      return { ...fields, type: 'message.received', channel: 'web' };
  }
}

function propertiesOf(what: string, [one, other]: [string, string], number: number): Record<string, unknown> {
  switch (what) {
    case 'answer':
      return { inReplyTo: one, ...(number % 5 === 1 ? { startsConversation: true } : {}) };
    case 'mail':
      return { subject: number % 3 === 0 ? 'Balu' : 'Minka', ...(number % 4 === 0 ? { answers: [one, other] } : {}) };
    case 'token':
      return { reply: { message: one } };
    case 'call':
      return { callId: `twilio:${number % 2}` };
    case 'snoozed':
      return { message: one, until: new Date(mondayMs + 3 * dayMs).toISOString() };
    case 'woken':
      return { message: one, snooze: other };
    case 'assigned':
      return { message: one, assignee: 'Dr. Amsel' };
    case 'merged':
      return { message: one, into: other };
    case 'linked':
    case 'unlinked':
      return { a: { leaf: leaves[number % 3] }, b: { leaf: leaves[(number + 1) % 3] } };
    default:
      return { message: one };
  }
}

const membershipsOf = (interactions: readonly Interaction[]) =>
  [...foldDrafts(browser, storyOf(interactions)).memberships].sort(([one], [other]) => (one < other ? -1 : 1));

const shuffles = story.chain((steps) =>
  fc.tuple(fc.constant(steps), fc.shuffledSubarray(steps, { minLength: steps.length })),
);

describe('INV-C, with commands, tokens, references, notes and links', () => {
  test('cards and memberships do not depend on the order in which things are given', () => {
    fc.assert(
      fc.property(shuffles, ([steps, shuffled]) => {
        expect(membershipsOf(shuffled)).toEqual(membershipsOf(steps));
        const cards = (interactions: readonly Interaction[]) =>
          foldDrafts(browser, storyOf(interactions)).drafts.sort(byId);
        expect(cards(shuffled)).toEqual(cards(steps));
      }),
      { numRuns: 300 },
    );
  });

  test('memberships do not depend on when the customer’s words arrive within 72 hours', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 72 * hourMs }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(story, delays, delays, (steps, one, other) => {
        const arriving = (after: number[]) =>
          steps.map((step, index): Interaction => {
            if (step.direction !== 'inbound') return step;
            const receivedAtMs = Date.parse(step.occurredAt) + (after[index] ?? 0);
            return { ...step, receivedAt: new Date(receivedAtMs).toISOString() };
          });
        expect(membershipsOf(arriving(one))).toEqual(membershipsOf(arriving(other)));
      }),
      { numRuns: 300 },
    );
  });

  test('every message and every command is in one conversation, whose id is that of its opening message', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const told = storyOf(steps);
        const { drafts, memberships } = foldDrafts(browser, told);
        const ids = new Set(drafts.map(({ conversationId }) => conversationId));
        expect(ids.size).toBe(drafts.length);
        for (const { conversationId } of memberships.values()) expect(ids).toContain(conversationId);
        for (const { id, isNote } of told.messages) if (!isNote) expect(memberships.has(id)).toBe(true);
        for (const id of ids) expect(memberships.get(id)?.conversationId).toBe(id);
      }),
      { numRuns: 300 },
    );
  });

  test('going on from the five cards at hand is the same as starting from everything, where it is possible at all', () => {
    let appended = 0;
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 3 }), (steps, batchSize) => {
        const alone = steps
          .filter(({ id }) => id.startsWith(browser))
          .sort((one, other) => (one.occurredAt + one.id < other.occurredAt + other.id ? -1 : 1));
        let atHand: CardDraft[] = [];
        for (let end = batchSize; end < alone.length + batchSize; end += batchSize) {
          const { drafts, memberships } = foldDrafts(browser, storyOf(alone.slice(0, end)));
          const batch = storyOf(alone.slice(end - batchSize, end));
          // Without a card nothing remembers that something is awaited; no command comes before what it names.
          const isBlind = atHand.length === 0 && end > batchSize;
          const mayAppend = batch.commands.length === 0 && !isBlind;
          const next = mayAppend ? appendDrafts(browser, atHand, batch.messages) : undefined;
          if (next && batch.messages.length > 0) {
            appended++;
            for (const draft of next.drafts) {
              const whole = drafts.find(({ conversationId }) => conversationId === draft.conversationId);
              expect(shown(draft)).toEqual(shown(whole as CardDraft));
            }
            for (const { id } of batch.messages) expect(next.memberships.get(id)).toEqual(memberships.get(id));
          }
          atHand = drafts.sort(byActivity).slice(0, 5);
        }
      }),
      { numRuns: 1000 },
    );
    expect(appended).toBeGreaterThan(100);
  });
});

/** Without what differs because untouched cards keep what they knew of the leaf. */
function shown({ newestPosition: _newestPosition, awaitedAnchors: _awaitedAnchors, ...card }: CardDraft) {
  return card;
}

function byId(one: CardDraft, other: CardDraft): number {
  return one.conversationId < other.conversationId ? -1 : 1;
}

function byActivity(one: CardDraft, other: CardDraft): number {
  const rank = ({ activePosition = '', lastArrival }: CardDraft) => `${activePosition} ${lastArrival}`;
  return rank(one) < rank(other) ? 1 : -1;
}
