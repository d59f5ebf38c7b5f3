import { expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { appendDrafts, foldDrafts } from '../../shared/conversation/cardDrafts.ts';
import { messageOf } from '../../shared/conversation/conversationMessage.ts';
import { storyOf } from '../../shared/conversation/conversationStory.ts';
import { answered, hourMs, interaction, mondayMs, said, testLeaf } from '../support/leafInteractions.ts';

function command(type: string, hour: number, properties: Record<string, unknown>): Interaction {
  const fields = { channel: 'system', direction: 'internal', source: 'reception', trust: 'asserted' } as const;
  return interaction({
    ...fields,
    type: `conversation.${type}`,
    messageId: `${type} ${hour}`,
    occurredAtMs: mondayMs + hour * hourMs,
    properties,
  });
}

function standing(...interactions: Interaction[]) {
  return foldDrafts(testLeaf, storyOf(interactions)).drafts.map(({ status, owes, assignee, snoozedUntil }) => ({
    status,
    owes,
    ...(assignee === undefined ? {} : { assignee }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  }));
}

const mail = (name: string, hour: number, fields = {}) =>
  said(name, mondayMs + hour * hourMs, { channel: 'email', properties: { subject: name }, ...fields });

test('what was resolved before it was merged resolves nothing of the conversation that it became part of', () => {
  const [waiting, other] = [mail('Minka', 0), mail('Invoice', 1)];
  const resolved = command('resolved', 2, { message: other.id });
  const merged = command('merged', 3, { message: other.id, into: waiting.id });
  expect(standing(waiting, other, resolved, merged)).toEqual([{ status: 'open', owes: 'us' }]);
});

test('what waited when it was merged into a resolved one is open', () => {
  const [waiting, other] = [mail('Minka', 0), mail('Invoice', 1)];
  const resolved = command('resolved', 2, { message: other.id });
  const merged = command('merged', 3, { message: waiting.id, into: other.id });
  expect(standing(waiting, other, resolved, merged)).toEqual([{ status: 'open', owes: 'us' }]);
});

test('two resolved ones merged are resolved', () => {
  const [one, other] = [mail('Minka', 0), mail('Invoice', 1)];
  const first = command('resolved', 2, { message: one.id });
  const second = command('resolved', 3, { message: other.id });
  const merged = command('merged', 4, { message: other.id, into: one.id });
  expect(standing(one, other, first, second, merged)).toEqual([{ status: 'resolved', owes: 'us' }]);
});

test('a merged conversation is in the care of who had the one that it became part of', () => {
  const [one, other] = [mail('Minka', 0), mail('Invoice', 1)];
  const ben = command('assigned', 2, { message: one.id, assignee: 'Ben' });
  const anna = command('assigned', 3, { message: other.id, assignee: 'Anna' });
  const snoozed = command('snoozed', 4, { message: other.id, until: new Date(mondayMs + 90 * hourMs).toISOString() });
  const merged = command('merged', 5, { message: other.id, into: one.id });
  expect(standing(one, other, ben, anna, snoozed, merged)).toEqual([{ status: 'open', owes: 'us', assignee: 'Ben' }]);
});

test('an answer of ours does not end a snooze', () => {
  const one = mail('Minka', 0);
  const snoozed = command('snoozed', 1, { message: one.id, until: new Date(mondayMs + 90 * hourMs).toISOString() });
  expect(standing(one, snoozed, answered('soon', mondayMs + 2 * hourMs, one.id))).toEqual([
    { status: 'snoozed', owes: 'customer', snoozedUntil: '2026-03-06T03:00:00.000Z' },
  ]);
});

test('what arrives more than 72 hours late opens nothing that was resolved for the words of others', () => {
  const hello = said('hello', mondayMs);
  const resolved = command('resolved', 1, { message: hello.id });
  const late = said('late', mondayMs + 2 * hourMs, {
    receivedAtMs: mondayMs + 75 * hourMs,
    properties: { reply: { message: hello.id } },
  });
  const next = said('next', mondayMs + 3 * hourMs);
  const { memberships } = foldDrafts(testLeaf, storyOf([hello, resolved, late, next]));
  expect(memberships.get(late.id)).toEqual({ conversationId: hello.id, reason: 'token' });
  expect(memberships.get(next.id)).toEqual({ conversationId: next.id, reason: 'new' });
});

test('however many made-up references mails carry, cards do not grow', () => {
  const forged = (index: number) => said(`${index}`, mondayMs - hourMs, { leaf: 'somebody-else---------' }).id;
  const mails = Array.from({ length: 50 }, (_, index) =>
    mail(`forged ${index}`, index, { properties: { subject: 'x', answers: [forged(index)] } }),
  );
  const { drafts } = foldDrafts(testLeaf, storyOf(mails));
  expect(drafts.length).toBe(50);
  expect(drafts.map(({ awaitedAnchors }) => awaitedAnchors.length)).toEqual(drafts.map(() => 0));
});

test('what was reopened before it was merged opens the conversation that it becomes part of', () => {
  const [one, other] = [mail('Minka', 0), mail('Invoice', 1)];
  const both = [command('resolved', 2, { message: other.id }), command('resolved', 3, { message: one.id })];
  const reopened = command('reopened', 4, { message: other.id });
  const merged = command('merged', 5, { message: other.id, into: one.id });
  expect(standing(one, other, ...both, reopened, merged)).toEqual([{ status: 'open', owes: 'us' }]);
});

test('a mail that answers our last message goes on from the card, and one that answers a stranger’s begins anew', () => {
  const letter = mail('Minka', 0);
  const answer = answered('answer', mondayMs + hourMs, letter.id, {
    channel: 'email',
    properties: { inReplyTo: letter.id, subject: 'Re: Minka' },
  });
  const { drafts } = foldDrafts(testLeaf, storyOf([letter, answer]));
  const appended = (properties: Record<string, unknown>) => {
    const message = messageOf(mail('thanks', 2, { properties }));
    const fold = message && appendDrafts(testLeaf, drafts, [message]);
    return message && fold && { ...fold.memberships.get(message.id), drafts: fold.drafts };
  };
  expect(appended({ subject: 'another one', answers: [answer.id] })).toMatchObject({
    conversationId: letter.id,
    reason: 'reference',
  });
  const stranger = said('elsewhere', mondayMs, { leaf: 'somebody-else---------' }).id;
  expect(appended({ subject: 'Re: Minka', answers: [stranger] })).toMatchObject({
    reason: 'new',
    drafts: [{ conversationId: letter.id }, { linkedTo: stranger, isUnverifiedReply: true }],
  });
  const unknown = said('not at hand', mondayMs).id;
  expect(appended({ subject: 'Re: Minka', answers: [unknown] })).toBeUndefined();
});
