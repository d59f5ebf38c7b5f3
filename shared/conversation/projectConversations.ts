import type { Leaf } from '../identity/leaf.ts';
import { appendDrafts, type CardDraft, type ConversationFold, foldDrafts } from './cardDrafts.ts';
import { type CardPlace, cardsAtHand, type FoldedCard } from './conversationCard.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { ConversationMessage, Membership } from './conversationMessage.ts';
import type { ConversationStory } from './conversationStory.ts';
import type { ConversationWriter, FoldedTree, PlacedCard, StatedEntry } from './conversations.ts';

export interface ConversationProjection {
  /** The root of the customer's leaves, or the leaf that is alone. */
  customerId: Leaf;
  tree: FoldedTree;
  /** The customer's name as the head knows it. */
  name: string | undefined;
  /** The cards that lie with the heads of all leaves. */
  cards: readonly FoldedCard[];
  /** Messages and commands that are new, or might be. */
  fresh: Pick<ConversationStory, 'messages' | 'commands'>;
  /** Everything that all leaves tell. */
  readStory: () => Promise<ConversationStory>;
  /** Whether the fold goes on from the cards or starts from all messages. */
  from: 'cards' | 'messages';
  /** Also cards that lie by themselves and are untouched are brought to what they should say. */
  isWhole?: boolean;
  /**
   * The first fold since leaves were linked or parted: every card is written again, though it says the same, so that what
   * a fold of the former tree is still about to write is refused.
   */
  isNewTree?: boolean;
}

/**
 * Brings cards, pointers and the interactions' own statements to what the messages fold to. Cards come first, a
 * message's own statement last, or with the card that it opens: a message that names its conversation is part of it
 * everywhere, and one whose projection broke off is projected again. Returns the cards at hand, the latest activity
 * first; undefined where somebody
 * else has changed a card or a statement meanwhile.
 */
export async function projectConversations(
  writer: ConversationWriter,
  projection: ConversationProjection,
): Promise<FoldedCard[] | undefined> {
  const { customerId, cards, fresh, tree } = projection;
  const isQuiet = fresh.messages.length === 0 && fresh.commands.length === 0;
  if (isQuiet && projection.from === 'cards') {
    const untouched = { drafts: [...cards], memberships: new Map<string, Membership>() };
    return (await writeCards(writer, projection, { fold: untouched, messages: [], touched: new Set() }))?.cards;
  }
  const mayAppend = projection.from === 'cards' && fresh.commands.length === 0;
  const appended = mayAppend ? appendDrafts(customerId, cards, fresh.messages) : undefined;
  const story = appended ? { ...fresh, links: [] } : await projection.readStory();
  const fold = appended ?? foldDrafts(customerId, story);

  const freshIds = new Set([...fresh.messages, ...fresh.commands].map(({ id }) => id));
  const isMoving = ({ id, stored }: StatedEntry, membership: Membership) =>
    freshIds.has(id) || !isSame(stored, membership);
  const moving = story.messages.flatMap((message) => {
    const membership = fold.memberships.get(message.id);
    return membership && isMoving(message, membership) ? [{ message, membership }] : [];
  });
  const obeyed = story.commands.flatMap((command) => {
    const membership = fold.memberships.get(command.id);
    return membership && isMoving(command, membership) ? [{ command, membership }] : [];
  });
  const concerned = [
    ...moving.flatMap(({ message, membership }) => [
      membership.conversationId,
      ...(message.stored ? [message.stored.conversationId] : []),
      // A projection that broke off may have opened a conversation with it, and left no other trace.
      ...(appended ? [] : [message.id]),
    ]),
    ...obeyed.map(({ membership }) => membership.conversationId),
  ];
  // What another customer's message has opened is theirs to write.
  const leaves = new Set(story.messages.map(({ id }) => leafOfMessage(id)));
  const touched = new Set(concerned.filter((conversationId) => leaves.has(leafOfMessage(conversationId))));
  const written = await writeCards(writer, projection, { fold, messages: story.messages, touched });
  if (written === undefined) return undefined;
  for (const { message, membership } of moving) {
    if (written.opened.has(message.id)) continue;
    // A pointer that it had elsewhere stays: it counts only where the message agrees, and taking it away could take
    // away what somebody else is just writing.
    if (!(await writer.writeMembership(message, membership, tree))) return undefined;
  }
  for (const { command, membership } of obeyed) {
    if (!(await writer.writeStatement(command, membership, tree))) return undefined;
  }
  return written.cards;
}

interface CardWriting {
  fold: ConversationFold;
  /** Among them the opening ones of conversations that are new. */
  messages: readonly ConversationMessage[];
  /** Ids of conversations that may have changed. */
  touched: ReadonlySet<string>;
}

/**
 * Writes the cards of touched conversations, and of those that lie in the wrong place or show an old name. `opened` are
 * messages that became part of the conversation that they open.
 */
async function writeCards(
  writer: ConversationWriter,
  { cards, name, tree, isNewTree = false, isWhole = isNewTree }: ConversationProjection,
  { fold: { drafts, memberships }, messages, touched }: CardWriting,
): Promise<{ cards: FoldedCard[]; opened: ReadonlySet<string> } | undefined> {
  const opened = new Set<string>();
  /** False where somebody else has written; the card as it is by now otherwise. */
  const write = async (
    draft: CardDraft,
    place: CardPlace,
    previous: PlacedCard | undefined,
  ): Promise<FoldedCard | false> => {
    if (previous) {
      const card = cardOf(draft, name, previous.card.version + 1);
      return (await writer.writeCard({ card, place }, previous, tree)) && card;
    }
    const { conversationId } = draft;
    const opening = messages.find(({ id }) => id === conversationId);
    const membership = memberships.get(conversationId);
    if (opening === undefined || membership?.conversationId !== conversationId) {
      throw new Error('a conversation has no message that opens it');
    }
    opened.add(conversationId);
    const card = cardOf(draft, name, firstVersion(opening));
    return (await writer.openConversation({ card, place }, opening, membership, tree)) && card;
  };
  const atHand = new Map(cards.map((card) => [card.conversationId, card]));
  const previousOf = async (conversationId: string): Promise<PlacedCard | undefined> => {
    const card = atHand.get(conversationId);
    if (card) return { card, place: 'leaf' };
    const moved = await writer.readMovedCard(conversationId);
    return moved && { card: moved, place: 'moved' };
  };

  const ranked = [...drafts].sort(byActivity);
  const nearest = new Set(ranked.slice(0, cardsAtHand));
  const current = new Map<CardDraft, FoldedCard>();
  for (const draft of drafts) {
    const { conversationId } = draft;
    const place: CardPlace = nearest.has(draft) ? 'leaf' : 'moved';
    const isTouched = isWhole || atHand.has(conversationId) || touched.has(conversationId);
    if (place === 'moved' && !isTouched) continue;
    const previous = await previousOf(conversationId);
    const isUnchanged = !isNewTree && previous?.place === place && saysTheSame(previous.card, cardOf(draft, name, 0));
    const card = isUnchanged ? previous.card : await write(draft, place, previous);
    if (card === false) return undefined;
    if (place === 'leaf') current.set(draft, card);
  }

  const present = new Set(drafts.map(({ conversationId }) => conversationId));
  for (const conversationId of new Set([...atHand.keys(), ...touched])) {
    if (present.has(conversationId)) continue;
    const previous = await previousOf(conversationId);
    if (previous && !(await writer.deleteCard(previous, tree))) return undefined;
  }
  return { cards: ranked.flatMap((draft) => current.get(draft) ?? []), opened };
}

/** Most recently active first; what was only ever delivered late comes last. */
function byActivity(one: CardDraft, other: CardDraft): number {
  const rank = ({ activePosition = '', lastArrival }: CardDraft) => `${activePosition} ${lastArrival}`;
  return rank(one) < rank(other) ? 1 : -1;
}

function cardOf(draft: CardDraft, name: string | undefined, version: number): FoldedCard {
  return { ...draft, ...(name === undefined ? {} : { name }), version };
}

/** Versions that a card has in one life. */
const versionsOfALife = 1_000_000;

/** A card that is made again begins beyond all versions that it had, so what was meant for them is refused. */
function firstVersion({ stored }: StatedEntry): number {
  return 1 + (stored ? stored.moves + 1 : 0) * versionsOfALife;
}

/** Whether a card says the same already. The newest position of the leaf alone is no reason to write. */
function saysTheSame(one: FoldedCard, other: FoldedCard): boolean {
  return content(one) === content(other);
}

function content({ version: _version, newestPosition: _newestPosition, ...shown }: FoldedCard): string {
  return JSON.stringify(Object.entries(shown).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isSame(stored: Membership | undefined, { conversationId, reason }: Membership): boolean {
  return stored?.conversationId === conversationId && stored.reason === reason;
}
