import { conversationsOf, isCommand, isMessage } from './conversationModel.ts';
import { arrivalOf, type ModelConversation } from './conversationStanding.ts';
import { foldedWith, peopleAtLast, type WrittenFact } from './identityModel.ts';
import type { Stored, StoredTable } from './storedTable.ts';

/**
 * INV-C and INV-P as far as conversations go: every message states the conversation that the rules give it, with the
 * reason; cards and pointers say the same, and none are left over.
 */
export function checkConversations(table: StoredTable, written: readonly WrittenFact[]): string[] {
  const { cards, interactions } = table;
  const edges = [...peopleAtLast(written).edges.values()];
  const violations: string[] = [];
  const seen = new Set<string>();
  const known = new Set<string>();
  for (const { leaf } of interactions) {
    if (seen.has(leaf)) continue;
    const leaves = foldedWith(edges, leaf, table);
    for (const one of leaves) seen.add(one);
    const timeline = interactions.filter((one) => leaves.has(one.leaf));
    for (const conversation of conversationsOf(timeline)) {
      known.add(conversation.id);
      violations.push(...checkConversation(conversation, table, rootOf(leaves, table)));
    }
  }
  for (const name of cards.keys()) if (!known.has(name)) violations.push(`conversation: a card of none, ${name}`);
  for (const one of interactions) {
    if (one.conversationId !== undefined && !isMessage(one) && !isCommand(one))
      violations.push(`conversation: ${one.id} is no message`);
  }
  return violations;
}

function checkConversation(
  { commands, id, members, parts: _parts, subject, ...standing }: ModelConversation,
  { cards, pointers }: StoredTable,
  root: string,
): string[] {
  const violations: string[] = [];
  for (const { message, reason } of members) {
    if (message.conversationId !== id || message.reason !== reason) {
      const [told, expected] = [`${message.conversationId} (${message.reason})`, `${id} (${reason})`];
      violations.push(`conversation: ${nameOf(message)} is in ${told}, by the rules in ${expected}`);
    }
  }
  for (const { command } of commands) {
    if (command.conversationId !== id)
      violations.push(`conversation: ${command.type} ${command.id} is not told in ${id}`);
  }
  const messages = members.map(({ message }) => message);
  const arrivals = messages.map(arrivalOf).sort();
  // A pointer counts only where the message agrees, so what is left over of a move is nothing.
  const told = (pointers.get(id) ?? []).filter((arrival) => arrivals.includes(arrival));
  if (told.join() !== arrivals.join())
    violations.push(`conversation: ${id} lists ${told.length} of ${arrivals.length}`);

  const [card, ...others] = cards.get(id) ?? [];
  if (card === undefined || others.length > 0) return [...violations, `conversation: ${id} has ${others.length} cards`];
  const expected: Record<string, unknown> = {
    customerId: root,
    status: standing.status,
    owes: standing.owes,
    waitingSince: standing.waitingSince,
    channel: standing.channel,
    subject: subject === '' ? undefined : subject,
    lastArrival: standing.lastArrival,
    activePosition: standing.activity === '' ? undefined : standing.activity,
    endedWith: standing.endedWith,
    isClosed: standing.isClosed || undefined,
    linkedTo: standing.linkedTo,
    isUnverifiedReply: standing.isUnverifiedReply || undefined,
    assignee: standing.assignee,
    snoozedUntil: standing.snoozedUntil,
  };
  for (const [name, value] of Object.entries(expected)) {
    const [one, other] = [canonical(card[name]), canonical(value)];
    if (one.toLowerCase() !== other.toLowerCase()) {
      violations.push(`conversation: ${id} says ${name} ${one}, by the rules ${other}`);
    }
  }
  return violations;
}

function nameOf({ id, text }: Stored): string {
  return `“${text}” ${id}`;
}

/** The smallest of the leaves, as the nodes say: identity is checked by itself. */
function rootOf(leaves: ReadonlySet<string>, { nodes }: StoredTable): string {
  if (leaves.size === 1) return [...leaves][0] ?? '';
  const roots = [...leaves].filter((leaf) => nodes.get(leaf)?.parent === undefined);
  return roots[0] ?? '';
}

export function canonical(value: unknown): string {
  if (value === undefined) return '-';
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
