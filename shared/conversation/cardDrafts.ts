import type { Leaf } from '../identity/leaf.ts';
import type { FoldedCard } from './conversationCard.ts';
import type { ConversationMessage, Membership } from './conversationMessage.ts';
import {
  activityAfter,
  byPosition,
  type Conversation,
  foldConversations,
  openConversation,
} from './foldConversations.ts';
import { hear, type Standing } from './hear.ts';

/** A card as the rules give it; name and version are added when it is written. */
export type CardDraft = Omit<FoldedCard, 'version' | 'name'>;

/** What a fold says: cards, and which message belongs where. */
export interface ConversationFold {
  drafts: CardDraft[];
  memberships: Map<string, Membership>;
}

/** All conversations of a leaf, from all its messages. */
export function foldDrafts(leaf: Leaf, messages: readonly ConversationMessage[]): ConversationFold {
  const { conversations, awaitedAnchors } = foldConversations(messages);
  const newestPosition = [...messages].sort(byPosition).at(-1)?.position ?? '';
  return {
    drafts: conversations.flatMap((conversation) => {
      const standing = standingOf(conversation);
      return standing ? draftOf(leaf, conversation, standing, { newestPosition, awaitedAnchors }) : [];
    }),
    memberships: new Map(
      conversations.flatMap(({ conversationId, members }) =>
        members.map(({ message, reason }): [string, Membership] => [message.id, { conversationId, reason }]),
      ),
    ),
  };
}

/**
 * The same for messages that are newer than all others of the leaf, going on from the cards at hand: what every
 * ordinary message takes. Undefined where only all messages together can tell.
 */
export function appendDrafts(
  leaf: Leaf,
  cards: readonly CardDraft[],
  messages: readonly ConversationMessage[],
): ConversationFold | undefined {
  const drafts = new Map(cards.map((card) => [card.conversationId, card]));
  const memberships = new Map<string, Membership>();
  const awaitedAnchors = [...new Set(cards.flatMap((card) => card.awaitedAnchors))].sort();
  let newestPosition =
    cards
      .map((card) => card.newestPosition)
      .sort()
      .at(-1) ?? '';

  for (const message of [...messages].sort(byPosition)) {
    if (message.position <= newestPosition || awaitedAnchors.includes(message.id)) return undefined;
    const joined = membershipOf(message, drafts, memberships);
    if (joined === undefined) return undefined;
    const before = drafts.get(joined.conversationId);
    if (before && message.arrival <= before.lastArrival) return undefined;
    newestPosition = message.position;
    const activity = activityAfter(before ?? { conversationId: message.id, channel: message.channel }, message);
    const continuable = { ...before, conversationId: joined.conversationId, ...activity };
    const draft = draftOf(leaf, continuable, hear(before, message), { newestPosition, awaitedAnchors });
    drafts.set(joined.conversationId, draft);
    memberships.set(message.id, joined);
  }
  return { drafts: [...drafts.values()], memberships };
}

/** Where the newest message of a leaf belongs; undefined where its reference leads to what is not at hand. */
function membershipOf(
  message: ConversationMessage,
  drafts: ReadonlyMap<string, CardDraft>,
  memberships: ReadonlyMap<string, Membership>,
): Membership | undefined {
  const { id, inReplyTo } = message;
  if (inReplyTo !== undefined) {
    const conversationId = drafts.has(inReplyTo) ? inReplyTo : memberships.get(inReplyTo)?.conversationId;
    return conversationId === undefined ? undefined : { conversationId, reason: 'reference' };
  }
  const open = openConversation([...drafts.values()], message);
  return open ? { conversationId: open.conversationId, reason: 'open' } : { conversationId: id, reason: 'new' };
}

function standingOf({ members }: Conversation): Standing | undefined {
  const messages = members.map(({ message }) => message);
  let standing: Standing | undefined;
  for (const message of messages.sort((one, other) => (one.arrival < other.arrival ? -1 : 1))) {
    standing = hear(standing, message);
  }
  return standing;
}

function draftOf(
  leaf: Leaf,
  { conversationId, channel, activePosition }: Pick<Conversation, 'conversationId' | 'channel' | 'activePosition'>,
  { status, endedWith, owes, waitingSince, lastArrival }: Standing,
  leafWide: Pick<CardDraft, 'newestPosition' | 'awaitedAnchors'>,
): CardDraft {
  return {
    conversationId,
    customerId: leaf,
    status,
    channel,
    endedWith,
    owes,
    ...(waitingSince === undefined ? {} : { waitingSince }),
    ...(activePosition === undefined ? {} : { activePosition }),
    lastArrival,
    ...leafWide,
  };
}
