import type { Interaction } from '../../shared/contracts/interaction.ts';
import { refoldCustomer } from '../../shared/customer/foldCustomer.ts';
import { decodeHead } from '../../shared/customer/headContent.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import type { Table } from '../../shared/platform/table.ts';
import { readInteractionItemKey } from '../../shared/timeline/timelineKeys.ts';
import { interaction, mondayMs } from './leafInteractions.ts';
import type { CustomerProjection } from './linkedCustomer.ts';
import { newLeaf } from './timelineMessages.ts';

/** An account, a number and a browser. */
export type Family = [Member, Member, Member];

let families = 0;
/** Three leaves of one customer; whatever the family, they sort alike. */
export function family(): Family {
  const name = `${families++}`.padStart(6, '0');
  const leaf = (what: string) => newLeaf(`${name}-${what}`);
  return [
    { leaf: leaf('account'), type: 'userId' },
    { leaf: leaf('number'), type: 'phone' },
    { leaf: leaf('visitor'), type: 'anonymousId' },
  ];
}

export function missedCall(leaf: string, messageId: string, occurredAtMs = mondayMs): Interaction {
  return interaction({
    leaf,
    type: 'call.missed',
    channel: 'voice',
    source: 'twilio',
    messageId,
    occurredAtMs,
    text: 'Missed call',
    properties: { callId: `twilio:${messageId}` },
  });
}

/** What happens to a family: interactions, and links with the time at which they were stated. */
export interface Story {
  interactions: Interaction[];
  links: [Member, Member, number][];
}

/** What readers can see of a family: cards, memberships, what all leaves add up to. Without counters and stamps. */
export async function stateOf(
  table: Table,
  projection: CustomerProjection,
  members: readonly Member[],
): Promise<unknown> {
  const partition = async (pk: string) => (await table.query({ pk, from: ' ', to: '~~', consistent: true })).items;
  const items = (await Promise.all(members.map(({ leaf }) => partition(`L#${leaf}`)))).flat();
  const state: Record<string, unknown> = {};
  const conversations: string[] = [];
  for (const item of items) {
    const { version: _version, newestPosition: _newest, awaitedAnchors: _awaited, ...shown } = item;
    const name = `${item.pk} ${item.sk}`;
    const key = readInteractionItemKey(item);
    if (item.entity === 'interaction' && key) {
      // When facts of identity stand between the messages is the same; their hashes are not.
      if (item.type === 'identity.linked') continue;
      state[name] = [item.conversationId, item.continuity];
      conversations.push(`${key.leaf}.${item.sk.replaceAll('#', '.').replace('.', '')}`);
    } else if (item.entity === 'head') state[name] = withoutFacts(decodeHead(item.content as Uint8Array));
    else if (item.entity === 'conversation') state[name] = shown;
  }
  for (const conversationId of conversations) {
    const moved = await projection.conversations.readMovedCard(conversationId);
    // It keeps the name under which it moved away.
    if (moved)
      state[`moved ${conversationId}`] = { ...moved, name: '', version: 0, newestPosition: '', awaitedAnchors: [] };
    const { messages } = await projection.conversations.readMessages({ conversationId, limit: 100 });
    if (messages.length > 0) state[`messages ${conversationId}`] = messages;
  }
  const [root] = members;
  const { customer } = await projection.customers.readState(root?.leaf ?? '', { consistent: true });
  const { head, cards, members: folded } = customer?.fold ?? {};
  state.customer = {
    head: head && withoutFacts(head),
    cards,
    folded: folded?.map(({ leaf, messages }) => [leaf, messages]),
  };
  const name = root?.leaf.slice(0, 6) ?? '';
  return JSON.parse(
    JSON.stringify(state)
      .replaceAll(`${name}-`, 'family-')
      .replace(/"inboxStatus":"(\w+)#\d"/g, '"inboxStatus":"$1"'),
  );
}

function withoutFacts<T extends { shown: { type: string }[]; remembered: string[]; mark?: string }>(head: T) {
  const { remembered: _remembered, mark: _mark, ...rest } = head;
  return { ...rest, shown: head.shown.filter(({ type }) => type !== 'identity.linked') };
}

/** The state after everything is stored and folded at once, for a family of its own. */
export async function freshly(
  table: Table,
  projection: CustomerProjection,
  build: (members: Family) => Story,
): Promise<unknown> {
  const members = family();
  const { interactions, links } = build(members);
  await projection.store(interactions);
  for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
  projection.facts.splice(0);
  projection.untold.splice(0);
  await refoldCustomer(projection, members[0].leaf);
  projection.untold.splice(0);
  return stateOf(table, projection, members);
}
