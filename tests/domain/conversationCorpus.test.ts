import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Channel, Interaction } from '../../shared/contracts/interaction.ts';
import { foldDrafts } from '../../shared/conversation/cardDrafts.ts';
import { storyOf } from '../../shared/conversation/conversationStory.ts';
import { type InteractionFields, interaction } from '../support/leafInteractions.ts';
import { newLeaf } from '../support/timelineMessages.ts';

/*
 * Threads as they go wrong elsewhere, as data: what happens, at which times it may be received instead, and what must
 * come out. Memberships and reasons must be the same however it is received, standing as it is received first.
 */
const stepSchema = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  does: z.string(),
  received: z.iso.datetime().optional(),
  /** Which leaf of the customer; the usual one of the channel where it is not said. */
  from: z.string().optional(),
  subject: z.string().optional(),
  /** Steps by their ids; `elsewhere` is a message of another customer. */
  to: z.string().optional(),
  on: z.string().optional(),
  into: z.string().optional(),
  token: z.string().optional(),
  answers: z.array(z.string()).optional(),
  guestOf: z.string().optional(),
  snooze: z.string().optional(),
  until: z.iso.datetime().optional(),
  assignee: z.string().optional(),
  call: z.string().optional(),
  a: z.string().optional(),
  b: z.string().optional(),
});
type Step = z.infer<typeof stepSchema>;

const caseSchema = z.strictObject({
  why: z.string().min(20),
  steps: z.array(stepSchema).min(1),
  arrivals: z.array(z.record(z.string(), z.iso.datetime())),
  conversations: z.record(
    z.string(),
    z.strictObject({
      members: z.record(z.string(), z.string()),
      status: z.string(),
      owes: z.string(),
      linkedTo: z.string().optional(),
      isUnverifiedReply: z.literal(true).optional(),
      snoozedUntil: z.string().optional(),
      assignee: z.string().optional(),
    }),
  ),
});
type Case = z.infer<typeof caseSchema>;

const directory = new URL('../conversations/', import.meta.url);
const cases = readdirSync(directory).map((file): [string, Case] => [
  file.replace('.json', ''),
  caseSchema.parse(JSON.parse(readFileSync(new URL(file, directory), 'utf8'))),
]);

const leafNamed = (name: string) => newLeaf(name.replaceAll(' ', '-'));
const elsewhere = interaction({ leaf: leafNamed('somebody else'), type: 'message.sent', messageId: 'elsewhere' }).id;

/** What a kind of step is on the timeline, and on which leaf it usually lies. */
const kinds: Record<string, { leaf: string; type: string; channel: Channel; direction: Interaction['direction'] }> = {
  chats: { leaf: 'browser', type: 'message.received', channel: 'web', direction: 'inbound' },
  mails: { leaf: 'mailbox', type: 'message.received', channel: 'email', direction: 'inbound' },
  'is away': { leaf: 'mailbox', type: 'message.received', channel: 'email', direction: 'inbound' },
  'writes as a guest': { leaf: 'mailbox', type: 'message.received', channel: 'email', direction: 'inbound' },
  texts: { leaf: 'phone', type: 'message.received', channel: 'sms', direction: 'inbound' },
  calls: { leaf: 'phone', type: 'call.started', channel: 'voice', direction: 'inbound' },
  'is answered on the phone': { leaf: 'phone', type: 'call.answered', channel: 'voice', direction: 'inbound' },
  'hangs up': { leaf: 'phone', type: 'call.ended', channel: 'voice', direction: 'inbound' },
  'is missed': { leaf: 'phone', type: 'call.missed', channel: 'voice', direction: 'inbound' },
  answers: { leaf: 'browser', type: 'message.sent', channel: 'web', direction: 'outbound' },
  'answers by mail': { leaf: 'mailbox', type: 'message.sent', channel: 'email', direction: 'outbound' },
  'gets an automatic mail': { leaf: 'mailbox', type: 'message.sent', channel: 'email', direction: 'outbound' },
  'is written to': { leaf: 'mailbox', type: 'message.sent', channel: 'email', direction: 'outbound' },
  'is resolved': { leaf: 'browser', type: 'conversation.resolved', channel: 'system', direction: 'internal' },
  'is reopened': { leaf: 'browser', type: 'conversation.reopened', channel: 'system', direction: 'internal' },
  'is snoozed': { leaf: 'browser', type: 'conversation.snoozed', channel: 'system', direction: 'internal' },
  'comes back': { leaf: 'browser', type: 'conversation.woken', channel: 'system', direction: 'internal' },
  'is assigned': { leaf: 'browser', type: 'conversation.assigned', channel: 'system', direction: 'internal' },
  'is split': { leaf: 'browser', type: 'conversation.split', channel: 'system', direction: 'internal' },
  'is merged': { leaf: 'browser', type: 'conversation.merged', channel: 'system', direction: 'internal' },
  'is noted': { leaf: 'browser', type: 'note.added', channel: 'system', direction: 'internal' },
  'are linked': { leaf: 'browser', type: 'identity.linked', channel: 'system', direction: 'internal' },
  'are parted': { leaf: 'browser', type: 'identity.unlinked', channel: 'system', direction: 'internal' },
};

function kindOf({ does }: Step) {
  const kind = kinds[does];
  if (kind === undefined) throw new Error(`no kind of step: ${does}`);
  return kind;
}

function fieldsOf(step: Step): Omit<InteractionFields, 'properties'> {
  const { at, from, id, received = at } = step;
  const { leaf, ...kind } = kindOf(step);
  return {
    ...kind,
    leaf: leafNamed(from ?? leaf),
    messageId: id,
    text: id,
    occurredAtMs: Date.parse(at),
    receivedAtMs: Date.parse(received),
  };
}

/** The steps as interactions; `received` replaces when some of them were received. */
function interactionsOf(steps: readonly Step[], received: Record<string, string>): Interaction[] {
  const idOf = new Map(steps.map((step) => [step.id, interaction(fieldsOf(step)).id]));
  const named = (name: string | undefined) => (name === undefined ? undefined : (idOf.get(name) ?? elsewhere));
  return steps.map((given) => {
    const step = { ...given, received: received[given.id] ?? given.received };
    const { a, assignee, answers, b, call, does, guestOf, into, on, snooze, subject, to, token, until } = step;
    const properties = {
      subject,
      inReplyTo: named(to),
      message: named(on),
      into: named(into),
      snooze: named(snooze),
      guestOf: named(guestOf),
      answers: answers?.map(named),
      reply: token === undefined ? undefined : { message: named(token) },
      guest: does === 'writes as a guest' ? { message: elsewhere } : undefined,
      until,
      assignee,
      callId: call && `twilio:${call}`,
      autoSubmitted: does === 'is away' ? 'auto-replied' : undefined,
      automatic: does === 'gets an automatic mail' ? true : undefined,
      startsConversation: does === 'is written to' ? true : undefined,
      a: a && { leaf: leafNamed(a) },
      b: b && { leaf: leafNamed(b) },
    };
    const stated = Object.entries(properties).filter(([, value]) => value !== undefined);
    return interaction({ ...fieldsOf(step as Step), properties: Object.fromEntries(stated) });
  });
}

/** What the fold makes of them, in the words of the corpus. */
function outcomeOf(interactions: readonly Interaction[]): Case['conversations'] {
  const nameOf = new Map(interactions.map(({ id, text = '' }) => [id, text]));
  const isMember = new Set(storyOf(interactions).messages.map(({ id }) => id));
  const { drafts, memberships } = foldDrafts(leafNamed('browser'), storyOf(interactions));
  return Object.fromEntries(
    drafts.map(({ assignee, conversationId, isUnverifiedReply, linkedTo, owes, snoozedUntil, status }) => [
      nameOf.get(conversationId) ?? conversationId,
      {
        members: Object.fromEntries(
          [...memberships]
            .filter(([id, membership]) => membership.conversationId === conversationId && isMember.has(id))
            .map(([id, { reason }]) => [nameOf.get(id) ?? id, reason]),
        ),
        status,
        owes,
        ...(linkedTo === undefined ? {} : { linkedTo: nameOf.get(linkedTo) ?? 'elsewhere' }),
        ...(isUnverifiedReply ? { isUnverifiedReply } : {}),
        ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
        ...(assignee === undefined ? {} : { assignee }),
      },
    ]),
  );
}

const membersIn = (conversations: Case['conversations']) =>
  Object.entries(conversations)
    .map(([id, { linkedTo, members }]) => [id, members, linkedTo])
    .sort();

describe('the corpus of nasty threads', () => {
  test('has at least fifty, each with a reason of its own to be there', () => {
    expect(cases.length).toBeGreaterThanOrEqual(50);
    expect(new Set(cases.map(([, { why }]) => why)).size).toBe(cases.length);
  });

  test.each(cases)('%s', (_name, { arrivals, conversations, steps }) => {
    const first = interactionsOf(steps, {});
    expect(outcomeOf(first)).toEqual(conversations);
    for (const received of arrivals) {
      expect(membersIn(outcomeOf(interactionsOf(steps, received)))).toEqual(membersIn(conversations));
    }
    fc.assert(
      fc.property(fc.shuffledSubarray(first, { minLength: first.length }), (shuffled) => {
        expect(outcomeOf(shuffled)).toEqual(conversations);
      }),
      { numRuns: 20 },
    );
  });
});
