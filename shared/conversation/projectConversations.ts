import type { Leaf } from '../identity/leaf.ts';
import { appendDrafts, type CardDraft, type ConversationFold, foldDrafts } from './cardDrafts.ts';
import type { CardPlace, FoldedCard } from './conversationCard.ts';
import type { ConversationMessage, Membership } from './conversationMessage.ts';
import type { ConversationWriter, PlacedCard } from './conversations.ts';

/** Number of conversations that lie with their leaf's head; the others lie by themselves. */
const cardsAtHand = 5;

export interface ConversationProjection {
  leaf: Leaf;
  /** The customer's name as the head knows it. */
  name: string | undefined;
  /** The cards that lie with the head. */
  cards: readonly FoldedCard[];
  /** Messages that are new, or might be. */
  fresh: readonly ConversationMessage[];
  /** All messages of the leaf. */
  readMessages: () => Promise<readonly ConversationMessage[]>;
  /** Whether the fold goes on from the cards or starts from all messages. */
  from: 'cards' | 'messages';
}

/**
 * Brings cards, pointers and the interactions' own statements to what the messages fold to. Cards come first, a
 * message's own statement last: a message that names its conversation is part of it everywhere, and one whose
 * projection broke off is projected again. False where somebody else has changed a card meanwhile.
 */
export async function projectConversations(
  writer: ConversationWriter,
  projection: ConversationProjection,
): Promise<boolean> {
  const { leaf, cards, fresh } = projection;
  if (fresh.length === 0 && projection.from === 'cards') {
    const untouched = { drafts: [...cards], memberships: new Map<string, Membership>() };
    return writeCards(writer, projection, untouched, new Set());
  }
  const appended = projection.from === 'cards' ? appendDrafts(leaf, cards, fresh) : undefined;
  const messages = appended ? fresh : await projection.readMessages();
  const fold = appended ?? foldDrafts(leaf, messages);

  const freshIds = new Set(fresh.map(({ id }) => id));
  const moving = messages.flatMap((message) => {
    const membership = fold.memberships.get(message.id);
    const isSettled = membership && !freshIds.has(message.id) && isStored(message, membership);
    return membership && !isSettled ? [{ message, membership }] : [];
  });
  const touched = new Set(
    moving.flatMap(({ message, membership }) =>
      [membership.conversationId, message.stored?.conversationId ?? []].flat(),
    ),
  );
  if (!(await writeCards(writer, projection, fold, touched))) return false;
  for (const { message, membership } of moving) {
    const former = message.stored?.conversationId;
    if (former !== undefined && former !== membership.conversationId) await writer.deletePointer(message, former);
    await writer.writeMembership(message, membership);
  }
  return true;
}

/** Writes the cards of touched conversations, and of those that lie in the wrong place or show an old name. */
async function writeCards(
  writer: ConversationWriter,
  { cards, name }: ConversationProjection,
  { drafts }: ConversationFold,
  touched: ReadonlySet<string>,
): Promise<boolean> {
  const atHand = new Map(cards.map((card) => [card.conversationId, card]));
  const previousOf = async (conversationId: string): Promise<PlacedCard | undefined> => {
    const card = atHand.get(conversationId);
    if (card) return { card, place: 'leaf' };
    const moved = await writer.readMovedCard(conversationId);
    return moved && { card: moved, place: 'moved' };
  };

  const nearest = new Set([...drafts].sort(byActivity).slice(0, cardsAtHand));
  for (const draft of drafts) {
    const { conversationId } = draft;
    const place: CardPlace = nearest.has(draft) ? 'leaf' : 'moved';
    if (place === 'moved' && !atHand.has(conversationId) && !touched.has(conversationId)) continue;
    const previous = await previousOf(conversationId);
    const next: PlacedCard = { card: cardOf(draft, name, (previous?.card.version ?? 0) + 1), place };
    if (previous && isSame(previous, next)) continue;
    if (!(await writer.writeCard(next, previous))) return false;
  }

  const present = new Set(drafts.map(({ conversationId }) => conversationId));
  for (const conversationId of new Set([...atHand.keys(), ...touched])) {
    if (present.has(conversationId)) continue;
    const previous = await previousOf(conversationId);
    if (previous && !(await writer.deleteCard(previous))) return false;
  }
  return true;
}

/** Most recently active first; what was only ever delivered late comes last. */
function byActivity(one: CardDraft, other: CardDraft): number {
  const rank = ({ activePosition = '', lastArrival }: CardDraft) => `${activePosition}|${lastArrival}`;
  return rank(one) < rank(other) ? 1 : -1;
}

function cardOf(draft: CardDraft, name: string | undefined, version: number): FoldedCard {
  return { ...draft, ...(name === undefined ? {} : { name }), version };
}

/** Whether a card says the same already. The newest position of the leaf alone is no reason to write. */
function isSame(previous: PlacedCard, next: PlacedCard): boolean {
  return previous.place === next.place && content(previous.card) === content(next.card);
}

function content({ version: _version, newestPosition: _newestPosition, ...shown }: FoldedCard): string {
  return JSON.stringify(Object.entries(shown).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isStored({ stored }: ConversationMessage, { conversationId, reason }: Membership): boolean {
  return stored?.conversationId === conversationId && stored.reason === reason;
}
