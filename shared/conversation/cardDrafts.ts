import type { Leaf } from '../identity/leaf.ts';
import type { CallStage } from './callStage.ts';
import { activityAfter, type Continuable, continuationOf, isSpoken } from './continuation.ts';
import { cardsAtHand, type FoldedCard } from './conversationCard.ts';
import type { ConversationMessage, Membership } from './conversationMessage.ts';
import type { ConversationStory } from './conversationStory.ts';
import { byPosition, type Conversation, foldConversations, namedBy } from './foldConversations.ts';
import { hear, obey, type Standing } from './hear.ts';

/** A card as the rules give it; name and version are added when it is written. */
export type CardDraft = Omit<FoldedCard, 'version' | 'name'>;

/** What a fold says: cards, and which message, note or command belongs where. */
export interface ConversationFold {
  drafts: CardDraft[];
  memberships: Map<string, Membership>;
}

/** All conversations of a customer, from everything that all leaves tell. */
export function foldDrafts(customerId: Leaf, story: ConversationStory): ConversationFold {
  const { conversations, awaitedAnchors } = foldConversations(story);
  const newestPosition = [...story.messages, ...story.commands].sort(byPosition).at(-1)?.position ?? '';
  return {
    drafts: conversations.flatMap((conversation) => {
      const standing = standingOf(conversation);
      return standing ? draftOf(customerId, conversation, standing, { newestPosition, awaitedAnchors }) : [];
    }),
    memberships: new Map(
      conversations.flatMap(({ commands, conversationId, members }) => [
        ...members.map(({ message, reason }): [string, Membership] => [message.id, { conversationId, reason }]),
        ...commands.map(({ id }): [string, Membership] => [id, { conversationId, reason: 'reference' }]),
      ]),
    ),
  };
}

/**
 * The same for messages that are newer than everything else of a leaf that is alone, going on from the cards at hand:
 * what every ordinary message takes. Undefined where only the whole story can tell, as for the reports of a call, for
 * notes, and where a conversation that is not at hand may be meant.
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
    if (message.call || message.isNote) return undefined;
    if (message.position <= newestPosition || awaitedAnchors.includes(message.id)) return undefined;
    const joined = membershipOf(message, drafts, memberships);
    if (joined === undefined) return undefined;
    const { linkedTo, ...membership } = joined;
    const before = drafts.get(membership.conversationId);
    if (before && message.arrival <= before.heardUpTo) return undefined;
    newestPosition = message.position;
    const next = {
      ...before,
      conversationId: membership.conversationId,
      subject: before?.subject ?? message.subject,
      ...activityAfter(before ?? { conversationId: message.id, channel: message.channel }, message),
      isClosed: before?.isClosed && !isSpoken(message),
      ...(before === undefined && linkedTo !== undefined ? { linkedTo } : {}),
    };
    const draft = draftOf(leaf, next, hear(before, message), { newestPosition, awaitedAnchors });
    drafts.set(membership.conversationId, draft);
    memberships.set(message.id, membership);
  }
  return { drafts: [...drafts.values()], memberships };
}

/** Where the newest message of a leaf belongs; undefined where what it names, or might continue, is not at hand. */
function membershipOf(
  message: ConversationMessage,
  drafts: ReadonlyMap<string, CardDraft>,
  memberships: ReadonlyMap<string, Membership>,
): (Membership & { linkedTo?: string }) | undefined {
  const [named] = namedBy(message);
  if (named !== undefined) {
    const conversationId = drafts.has(named) ? named : memberships.get(named)?.conversationId;
    const reason = named === message.token ? 'token' : 'reference';
    return conversationId === undefined ? undefined : { conversationId, reason };
  }
  const opened = { conversationId: message.id, reason: 'new' } as const;
  if (message.startsConversation) return opened;
  const { open, related } = continuationOf([...drafts.values()], message);
  // Of the others one may be on the same channel, or about the same.
  if (drafts.size >= cardsAtHand && open?.channel !== message.channel) return undefined;
  if (open) return { conversationId: open.conversationId, reason: 'open' };
  return { ...opened, ...(related ? { linkedTo: related.conversationId } : {}) };
}

/** Everything is heard in the order of its arrival. */
function standingOf({ commands, members }: Conversation): Standing | undefined {
  const heardOf = new Map<string, Set<CallStage>>();
  let standing: Standing | undefined;
  const entries = [...members.map(({ message }) => message), ...commands];
  for (const entry of entries.sort((one, other) => (one.arrival < other.arrival ? -1 : 1))) {
    if ('does' in entry) {
      standing = standing && obey(standing, entry);
    } else if (standing || !entry.isNote) {
      const heard = heardOf.get(entry.call?.callId ?? '') ?? new Set();
      standing = hear(standing, entry, heard);
      if (entry.call?.callId) heardOf.set(entry.call.callId, new Set([...heard, entry.call.stage]));
    }
  }
  return standing;
}

function draftOf(
  customerId: Leaf,
  conversation: Continuable & Pick<CardDraft, 'linkedTo' | 'isUnverifiedReply'>,
  standing: Standing,
  customerWide: Pick<CardDraft, 'newestPosition' | 'awaitedAnchors'>,
): CardDraft {
  const { activePosition, channel, conversationId, isClosed, isUnverifiedReply, linkedTo, subject } = conversation;
  return {
    ...standingFields(standing),
    conversationId,
    customerId,
    channel,
    ...(subject === undefined ? {} : { subject }),
    ...(activePosition === undefined ? {} : { activePosition }),
    ...(linkedTo === undefined ? {} : { linkedTo }),
    ...(isUnverifiedReply ? { isUnverifiedReply } : {}),
    ...(isClosed ? { isClosed } : {}),
    ...customerWide,
  };
}

/** A standing may have gone on from a card, which holds more. */
function standingFields({
  assignee,
  endedWith,
  heardUpTo,
  lastArrival,
  owes,
  snooze,
  snoozedUntil,
  status,
  waitingSince,
  widgetLeaf,
}: Standing): Standing {
  return {
    status,
    endedWith,
    owes,
    lastArrival,
    heardUpTo,
    ...(waitingSince === undefined ? {} : { waitingSince }),
    ...(widgetLeaf === undefined ? {} : { widgetLeaf }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(snooze === undefined ? {} : { snooze }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  };
}
