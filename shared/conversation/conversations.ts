import type { ConversationStatus } from '../contracts/conversation.ts';
import type { Interaction } from '../contracts/interaction.ts';
import type { MessagePage } from '../contracts/widget.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Condition, ItemKey } from '../platform/table.ts';
import type { CardPlace, ConversationCard, FoldedCard } from './conversationCard.ts';
import type { ConversationMessage, Membership, StatedMembership } from './conversationMessage.ts';

/** Conversations as readers see them; `conversationStore.ts` keeps them in the table. */
export interface Conversations {
  /**
   * A conversation as it was folded last, by its id or the id of any of its messages: the card's `conversationId` is the
   * current one. While its customer's leaves are being parted it may quote somebody else; what people are shown comes
   * from `readConversation`. Undefined for what is not (yet) a conversation and for a malformed id.
   */
  readCard(conversationId: string): Promise<FoldedCard | undefined>;
  /**
   * Conversations of one status, longest waiting first. `next` is handed back as `after`, null at the end.
   * Throws `invalid-request` with the path `after` for a cursor that is none.
   */
  listInbox(request: {
    status: ConversationStatus;
    limit: number;
    after?: string | undefined;
  }): Promise<{ conversations: ConversationCard[]; next: string | null }>;
  /**
   * A conversation's messages in order of arrival, by its current id (`card.conversationId`). A message that is
   * projected up to five minutes later than its neighbours is not skipped. `next` is a string as soon as there was a
   * message, also when there are no more for now: a poller continues from it. Null while nothing was ever returned.
   * With `leaves` only what these keep, with `visibleTo` only what passes. Throws `invalid-request` with the path `after` for a cursor that is none.
   */
  readMessages(request: MessageRequest): Promise<MessagePage>;
  /**
   * Of the messages of a conversation, by its current id, that arrived last those which these leaves keep, or all; the
   * latest first.
   */
  readNewest(conversationId: string, limit: number, leaves?: ReadonlySet<Leaf>): Promise<Interaction[]>;
}

export interface MessageRequest {
  conversationId: string;
  after?: string | undefined;
  limit: number;
  leaves?: ReadonlySet<Leaf> | undefined;
  visibleTo?: ((message: Interaction) => boolean) | undefined;
}

/** A card as it was read for projecting: the next write of it succeeds only while it is unchanged. */
export interface PlacedCard {
  card: FoldedCard;
  place: CardPlace;
}

/** A message or command with what it said of its conversation when it was read. */
export interface StatedEntry {
  id: string;
  stored?: StatedMembership | undefined;
}

/** Holds while the customer's leaves are those of whom a fold tells. */
export interface FoldedTree {
  check: ItemKey;
  condition: Condition;
}

/**
 * What the projection writes. Each write may be repeated: it leaves the same. Cards beside a head are read before the tree,
 * and each fold of a new tree writes them anew; what is read later, messages that have a conversation already and cards that
 * lie by themselves, changes only while the tree is the one that was folded.
 */
export interface ConversationWriter {
  /** A card that does not lie with its leaf's head. Sees every acknowledged write. */
  readMovedCard(conversationId: string): Promise<FoldedCard | undefined>;
  /**
   * Makes the card of a conversation that had none, its opening message part of it at the same moment. False where there is a
   * card, or where the message says something else by now than it did when it was read.
   */
  openConversation(
    next: PlacedCard,
    opening: ConversationMessage,
    membership: Membership,
    tree: FoldedTree,
  ): Promise<boolean>;
  /** Replaces the card that was read, moving it where the place differs; false where it has changed since. */
  writeCard(next: PlacedCard, previous: PlacedCard, tree: FoldedTree): Promise<boolean>;
  /** False where the card has changed since it was read. */
  deleteCard(previous: PlacedCard, tree: FoldedTree): Promise<boolean>;
  /**
   * Makes a message part of its conversation: its pointer, then the statement on the interaction itself. False where that
   * says something else by now than it did when it was read.
   */
  writeMembership(message: ConversationMessage, membership: Membership, tree: FoldedTree): Promise<boolean>;
  /** The statement alone, for a command: it is no message. */
  writeStatement(entry: StatedEntry, membership: Membership, tree: FoldedTree): Promise<boolean>;
  /** Takes away the pointer of a message that belongs to another conversation now: a repair, not a projection. */
  deletePointer(message: Pick<ConversationMessage, 'arrival'>, conversationId: string): Promise<void>;
  /** Arrivals of all messages that point into a conversation. Sees every acknowledged write. */
  readArrivals(conversationId: string): Promise<string[]>;
}
