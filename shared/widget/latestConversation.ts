import type { EndedWith, Message } from '../contracts/widget.ts';
import { byLastArrival, leafCards } from '../conversation/conversationCard.ts';
import { messageOf } from '../conversation/conversationMessage.ts';
import type { Conversations } from '../conversation/conversations.ts';
import { cutText } from '../conversation/cutText.ts';
import { endedWithLength } from '../conversation/hear.ts';
import type { Customers } from '../customer/customers.ts';
import { isLinked, nodeAmong } from '../customer/leafNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline, TimelineRange } from '../timeline/timeline.ts';

/** Where a visitor's conversations are found. */
export interface VisitorPorts {
  customers: Pick<Customers, 'readState'>;
  conversations: Pick<Conversations, 'readCard' | 'readMessages'>;
  timeline: Pick<Timeline, 'readRange'>;
}

const pageSize = 100;
/** Stretches of a leaf that are looked through for its latest message. */
const searchedPages = 5;

/**
 * The conversation in which a leaf's own latest message arrived, in one query while the leaf is alone. A linked
 * customer's conversations may go on elsewhere; where that is nothing to the visitor at this leaf.
 */
export async function latestConversation(ports: VisitorPorts, leaf: Leaf): Promise<string | undefined> {
  return (await latest(ports, leaf))?.conversationId;
}

/** The same unless it is resolved, with the last words that the visitor at this leaf may read. */
export async function openConversation(
  ports: VisitorPorts,
  leaf: Leaf,
): Promise<{ conversationId: string; endedWith: EndedWith } | undefined> {
  const conversation = await latest(ports, leaf, { unresolved: true });
  if (conversation === undefined) return undefined;
  const { conversationId } = conversation;
  const endedWith = conversation.endedWith ?? (await lastVisibleWords(ports, conversationId, leaf));
  return endedWith && { conversationId, endedWith };
}

interface Latest {
  conversationId: string;
  /** Where all of the conversation is the leaf's own. */
  endedWith?: EndedWith;
}

async function latest(
  ports: VisitorPorts,
  leaf: Leaf,
  { unresolved = false }: { unresolved?: boolean } = {},
): Promise<Latest | undefined> {
  const state = await ports.customers.readState(leaf);
  if (!isLinked(leaf, nodeAmong(state))) {
    return leafCards(state.others)
      .filter(({ status }) => !unresolved || status !== 'resolved')
      .sort(byLastArrival)[0];
  }
  const conversationId = await latestOfLinked(ports.timeline, leaf);
  if (conversationId === undefined || !unresolved) return conversationId === undefined ? undefined : { conversationId };
  const card = await ports.conversations.readCard(conversationId);
  return card && card.status !== 'resolved' ? { conversationId } : undefined;
}

/** The conversation that the latest message on the leaf says it belongs to. */
async function latestOfLinked(timeline: VisitorPorts['timeline'], leaf: Leaf): Promise<string | undefined> {
  let before: TimelineRange['before'];
  for (let page = 0; page < searchedPages; page++) {
    const { interactions, cutAt } = await timeline.readRange({ leaf, keyClass: 'E', limit: pageSize, before });
    const [last] = interactions
      .flatMap((interaction) => messageOf(interaction) ?? [])
      .filter(({ stored }) => stored !== undefined)
      .sort((one, other) => (one.arrival < other.arrival ? 1 : -1));
    if (last?.stored) return last.stored.conversationId;
    if (cutAt === undefined) return undefined;
    before = cutAt;
  }
  return undefined;
}

async function lastVisibleWords(
  { conversations }: VisitorPorts,
  conversationId: string,
  leaf: Leaf,
): Promise<EndedWith | undefined> {
  let after: string | undefined;
  let last: Message | undefined;
  for (let more = true; more; ) {
    const { messages, next } = await conversations.readMessages({
      conversationId,
      after,
      limit: pageSize,
      visibleTo: leaf,
    });
    last = messages.at(-1) ?? last;
    more = messages.length === pageSize;
    after = next ?? undefined;
  }
  return last && { text: cutText(last.text, endedWithLength), by: last.by, at: last.at, channel: last.channel };
}
