import type { EndedWith, Message } from '../contracts/widget.ts';
import { byLastArrival, leafCards } from '../conversation/conversationCard.ts';
import { messageOf } from '../conversation/conversationMessage.ts';
import type { Conversations } from '../conversation/conversations.ts';
import { cutText } from '../conversation/cutText.ts';
import { endedWithLength } from '../conversation/hear.ts';
import type { Customers } from '../customer/customers.ts';
import { isFoldedAlone, isLinked, nodeAmong } from '../customer/leafNode.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Timeline, TimelineRange } from '../timeline/timeline.ts';
import type { Visitor } from './sessionToken.ts';
import { shownHere } from './sidesOf.ts';
import { homeOfVisitor } from './visitorOf.ts';

/** Where a visitor's conversations are found. */
export interface VisitorPorts {
  customers: Pick<Customers, 'readState'>;
  conversations: Pick<Conversations, 'readCard' | 'readMessages'>;
  timeline: Pick<Timeline, 'readRange'>;
  leafOf: LeafOf;
}

const pageSize = 100;
/** Stretches of a leaf that are looked through for its latest message. */
const searchedPages = 5;

/**
 * The conversation in which the latest message at the visitor's browser arrived that they may read, in one query while
 * the browser's leaf is alone. A linked customer's conversations may go on elsewhere; that is nothing to the visitor.
 */
export async function latestConversation(ports: VisitorPorts, visitor: Visitor): Promise<string | undefined> {
  return (await latest(ports, visitor))?.conversationId;
}

/** The same unless it is resolved, with the last words that the visitor may read. */
export async function openConversation(
  ports: VisitorPorts,
  visitor: Visitor,
): Promise<{ conversationId: string; endedWith: EndedWith } | undefined> {
  const conversation = await latest(ports, visitor, { unresolved: true });
  if (conversation === undefined) return undefined;
  const { conversationId } = conversation;
  const endedWith = conversation.endedWith ?? (await lastVisibleWords(ports, conversationId, visitor));
  return endedWith && { conversationId, endedWith };
}

interface Latest {
  conversationId: string;
  /** Where all of the conversation is the leaf's own. */
  endedWith?: EndedWith;
}

async function latest(
  ports: VisitorPorts,
  visitor: Visitor,
  { unresolved = false }: { unresolved?: boolean } = {},
): Promise<Latest | undefined> {
  if (visitor.resumed) {
    const card = await ports.conversations.readCard(visitor.resumed.message);
    return card && !(unresolved && card.status === 'resolved') ? { conversationId: card.conversationId } : undefined;
  }
  const leaf = homeOfVisitor(ports.leafOf, visitor);
  const state = await ports.customers.readState(leaf);
  if (!isLinked(leaf, nodeAmong(state)) && isFoldedAlone(state)) {
    return leafCards(state.others)
      .filter(({ status }) => !unresolved || status !== 'resolved')
      .sort(byLastArrival)[0];
  }
  const conversationId = await latestOfLinked(ports, leaf, visitor);
  if (conversationId === undefined || !unresolved) return conversationId === undefined ? undefined : { conversationId };
  const card = await ports.conversations.readCard(conversationId);
  return card && card.status !== 'resolved' ? { conversationId } : undefined;
}

/** The conversation that the latest message on the leaf says it belongs to, of those that the visitor may read. */
async function latestOfLinked(
  { leafOf, timeline }: VisitorPorts,
  leaf: Leaf,
  visitor: Visitor,
): Promise<string | undefined> {
  const isShown = shownHere(leafOf, visitor);
  let before: TimelineRange['before'];
  for (let page = 0; page < searchedPages; page++) {
    const { interactions, cutAt } = await timeline.readRange({ leaf, keyClass: 'E', limit: pageSize, before });
    const [last] = interactions
      .filter(isShown)
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
  { conversations, leafOf }: VisitorPorts,
  conversationId: string,
  visitor: Visitor,
): Promise<EndedWith | undefined> {
  let after: string | undefined;
  let last: Message | undefined;
  for (let more = true; more; ) {
    const { messages, next } = await conversations.readMessages({
      conversationId,
      after,
      limit: pageSize,
      visibleTo: shownHere(leafOf, visitor),
    });
    last = messages.at(-1) ?? last;
    more = messages.length === pageSize;
    after = next ?? undefined;
  }
  return last && { text: cutText(last.text, endedWithLength), by: last.by, at: last.at, channel: last.channel };
}
