import type { Leaf } from '../identity/leaf.ts';
import type { CallStage } from './callStage.ts';
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
import type { LeafLink } from './leafLinks.ts';

/** A card as the rules give it; name and version are added when it is written. */
export type CardDraft = Omit<FoldedCard, 'version' | 'name'>;

/** What a fold says: cards, and which message belongs where. */
export interface ConversationFold {
  drafts: CardDraft[];
  memberships: Map<string, Membership>;
}

/** All conversations of a customer, from all messages of all leaves. */
export function foldDrafts(
  customerId: Leaf,
  messages: readonly ConversationMessage[],
  links: readonly LeafLink[] = [],
): ConversationFold {
  const { conversations, awaitedAnchors } = foldConversations(messages, links);
  const newestPosition = [...messages].sort(byPosition).at(-1)?.position ?? '';
  return {
    drafts: conversations.flatMap((conversation) => {
      const standing = standingOf(conversation);
      return standing ? draftOf(customerId, conversation, standing, { newestPosition, awaitedAnchors }) : [];
    }),
    memberships: new Map(
      conversations.flatMap(({ conversationId, members }) =>
        members.map(({ message, reason }): [string, Membership] => [message.id, { conversationId, reason }]),
      ),
    ),
  };
}

/**
 * The same for messages that are newer than all others of a leaf that is alone, going on from the cards at hand: what
 * every ordinary message takes. Undefined where only all messages together can tell, as for the reports of a call.
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
    if (message.call) return undefined;
    if (message.position <= newestPosition || awaitedAnchors.includes(message.id)) return undefined;
    const joined = membershipOf(message, drafts, memberships);
    if (joined === undefined) return undefined;
    const before = drafts.get(joined.conversationId);
    if (before && message.arrival <= before.lastArrival) return undefined;
    newestPosition = message.position;
    const activity = activityAfter(before ?? { conversationId: message.id, channel: message.channel }, message);
    const subject = before?.subject ?? message.subject;
    const continuable = { ...before, conversationId: joined.conversationId, subject, ...activity };
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
  const heardOf = new Map<string, Set<CallStage>>();
  let standing: Standing | undefined;
  for (const message of messages.sort((one, other) => (one.arrival < other.arrival ? -1 : 1))) {
    const heard = heardOf.get(message.call?.callId ?? '') ?? new Set();
    standing = hear(standing, message, heard);
    if (message.call?.callId) heardOf.set(message.call.callId, new Set([...heard, message.call.stage]));
  }
  return standing;
}

function draftOf(
  customerId: Leaf,
  { conversationId, channel, subject, activePosition }: Omit<Conversation, 'members'>,
  { status, endedWith, owes, waitingSince, widgetLeaf, lastArrival }: Standing,
  customerWide: Pick<CardDraft, 'newestPosition' | 'awaitedAnchors'>,
): CardDraft {
  return {
    conversationId,
    customerId,
    status,
    channel,
    ...(subject === undefined ? {} : { subject }),
    endedWith,
    owes,
    ...(waitingSince === undefined ? {} : { waitingSince }),
    ...(activePosition === undefined ? {} : { activePosition }),
    ...(widgetLeaf === undefined ? {} : { widgetLeaf }),
    lastArrival,
    ...customerWide,
  };
}
