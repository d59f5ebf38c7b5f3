import type { Leaf } from '../identity/leaf.ts';
import type { CallStage } from './callStage.ts';
import { activityAfter, type Continuable, continuationOf, isSpoken, reopens } from './continuation.ts';
import { cardsAtHand, type FoldedCard } from './conversationCard.ts';
import { leafOfMessage } from './conversationKeys.ts';
import { type ConversationMessage, type Membership, positionOf } from './conversationMessage.ts';
import type { ConversationStory } from './conversationStory.ts';
import { byPosition, type Conversation, foldConversations, type GivenCommand, namedBy } from './foldConversations.ts';
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
  const { conversations, ...fold } = foldConversations(story);
  const newestPosition = [...story.messages, ...story.commands].sort(byPosition).at(-1)?.position ?? '';
  // What turns up below the newest position, or with another leaf, makes everything be folded again by itself.
  const awaitedAnchors = fold.awaitedAnchors.filter(
    (id) => leafOfMessage(id) === customerId && positionOf(id) > newestPosition,
  );
  return {
    drafts: conversations.flatMap((conversation) => {
      const standing = standingOf(conversation);
      return standing ? draftOf(customerId, conversation, standing, { newestPosition, awaitedAnchors }) : [];
    }),
    memberships: new Map([
      ...[...fold.unobeyed].map(([id, conversationId]): [string, Membership] => [
        id,
        { conversationId, reason: 'reference' },
      ]),
      ...conversations.flatMap(({ commands, conversationId, members }) => [
        ...members.map(({ message, reason }): [string, Membership] => [message.id, { conversationId, reason }]),
        ...commands.map(({ command: { id } }): [string, Membership] => [id, { conversationId, reason: 'reference' }]),
      ]),
    ]),
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
    const { linkedTo, isUnverifiedReply, ...membership } = joined;
    const before = drafts.get(membership.conversationId);
    if (before && message.arrival <= before.heardUpTo) return undefined;
    newestPosition = message.position;
    const next = {
      ...before,
      conversationId: membership.conversationId,
      subject: before?.subject ?? message.subject,
      ...activityAfter(before ?? { conversationId: message.id, channel: message.channel }, message),
      isClosed: before?.isClosed && !reopens(message),
      ...(before === undefined && linkedTo !== undefined ? { linkedTo } : {}),
      ...(before === undefined && isUnverifiedReply ? { isUnverifiedReply } : {}),
    };
    const draft = draftOf(leaf, next, hear(before, message), { newestPosition, awaitedAnchors });
    drafts.set(membership.conversationId, draft);
    memberships.set(message.id, membership);
  }
  return { drafts: [...drafts.values()], memberships };
}

/** Where a message belongs, and what it opens. */
type Joined = Membership & Pick<CardDraft, 'linkedTo' | 'isUnverifiedReply'>;

/** Where the newest message of a leaf belongs; undefined where what it names, or might continue, is not at hand. */
function membershipOf(
  message: ConversationMessage,
  drafts: ReadonlyMap<string, CardDraft>,
  memberships: ReadonlyMap<string, Membership>,
): Joined | undefined {
  const opened = { conversationId: message.id, reason: 'new' } as const;
  // A leaf that is alone has no message of another one.
  const named = namedBy(message).find((id) => leafOfMessage(id) === leafOfMessage(message.id));
  if (named !== undefined) {
    const conversationId = memberships.get(named)?.conversationId ?? holderOf(named, drafts);
    const reason = named === message.token ? 'token' : 'reference';
    return conversationId === undefined ? undefined : { conversationId, reason };
  }
  const [linkedTo] = message.references ?? [];
  if (linkedTo !== undefined) return { ...opened, linkedTo, isUnverifiedReply: true };
  if (message.startsConversation) return opened;
  const { open, related } = continuationOf([...drafts.values()], message);
  // Of the others one may be on the same channel, or about the same.
  if (drafts.size >= cardsAtHand && open?.channel !== message.channel) return undefined;
  if (open) return { conversationId: open.conversationId, reason: 'open' };
  return { ...opened, ...(related ? { linkedTo: related.conversationId } : {}) };
}

/** The conversation at hand that is known to hold a message. */
function holderOf(id: string, drafts: ReadonlyMap<string, CardDraft>): string | undefined {
  if (drafts.has(id)) return id;
  return [...drafts.values()].find(({ lastAnswer }) => lastAnswer === id)?.conversationId;
}

/**
 * Everything is heard in the order of its arrival. A conversation is resolved once each of its parts is, since a resolve
 * covers only what it was given to; who takes care, and until when it is set aside, is said of the conversation into
 * which the others were merged.
 */
function standingOf({ commands, conversationId, members }: Conversation): Standing | undefined {
  const heardOf = new Map<string, Set<CallStage>>();
  const isSettled = new Map<string, boolean>();
  let standing: Standing | undefined;
  const obeyIn = (before: Standing, { command, parts }: GivenCommand): Standing => {
    if (command.does === 'resolve') for (const part of parts) if (isSettled.has(part)) isSettled.set(part, true);
    if (command.does === 'reopen') for (const part of parts) if (isSettled.has(part)) isSettled.set(part, false);
    const isWhole = command.does === 'resolve' && [...isSettled.values()].every(Boolean);
    const isTakenBack = command.does === 'reopen' && before.status === 'resolved';
    const isOfThis = command.does !== 'resolve' && parts.includes(conversationId);
    const isMeant = isWhole || isTakenBack || isOfThis;
    return isMeant ? obey(before, command) : { ...before, heardUpTo: command.arrival };
  };
  const entries = [...members, ...commands].map((entry) => ({
    entry,
    arrival: 'command' in entry ? entry.command.arrival : entry.message.arrival,
  }));
  for (const { entry } of entries.sort((one, other) => (one.arrival < other.arrival ? -1 : 1))) {
    if ('command' in entry) {
      standing = standing && obeyIn(standing, entry);
      continue;
    }
    const { message, part } = entry;
    if (standing === undefined && message.isNote) continue;
    const heard = heardOf.get(message.call?.callId ?? '') ?? new Set();
    standing = hear(standing, message, heard);
    if (message.call?.callId) heardOf.set(message.call.callId, new Set([...heard, message.call.stage]));
    if (isSpoken(message) || !isSettled.has(part)) isSettled.set(part, false);
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
  lastAnswer,
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
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(snooze === undefined ? {} : { snooze }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  };
}
