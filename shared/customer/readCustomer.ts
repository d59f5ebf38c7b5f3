import { foldDrafts } from '../conversation/cardDrafts.ts';
import { byLastArrival, type FoldedCard, leafCards } from '../conversation/conversationCard.ts';
import { messageOf } from '../conversation/conversationMessage.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Customers } from './customers.ts';
import { foldHead, type Head } from './head.ts';
import { orderOf } from './interactionOrder.ts';

/** A customer as the read models know them at one moment. */
export interface CustomerView {
  customerId: Leaf;
  head: Head;
  /** Conversations that are kept at hand, the one with the latest message first. */
  cards: FoldedCard[];
}

const foldedOnTheFly = 100;

/**
 * A customer by leaf, in one query. Where nothing is projected yet, the newest 100 interactions are folded on the
 * fly, so that who has just arrived is known already. Undefined for a leaf without interactions.
 */
export async function readCustomer(
  { customers, timeline }: { customers: Pick<Customers, 'readState'>; timeline: Timeline },
  leaf: Leaf,
): Promise<CustomerView | undefined> {
  const { head, others } = await customers.readState(leaf);
  if (head) return { customerId: leaf, head, cards: leafCards(others).sort(byLastArrival) };
  return foldNewest(timeline, leaf);
}

/** Conversations that are not resolved, the one with the latest message first. */
export function openCards({ cards }: CustomerView): FoldedCard[] {
  return cards.filter(({ status }) => status !== 'resolved');
}

async function foldNewest(timeline: Timeline, leaf: Leaf): Promise<CustomerView | undefined> {
  const ranges = await Promise.all(
    (['E', 'B'] as const).map((keyClass) => timeline.readRange({ leaf, keyClass, limit: foldedOnTheFly })),
  );
  const newest = ranges
    .flatMap(({ interactions }) => interactions)
    .map((interaction) => ({ interaction, order: orderOf(interaction.id) }))
    .sort((one, other) => (one.order < other.order ? 1 : -1))
    .slice(0, foldedOnTheFly)
    .map(({ interaction }) => interaction);
  const fold = foldHead(undefined, newest);
  if (fold.kind !== 'folded') return undefined;
  const name = fold.head.preferences.name?.value;
  const messages = newest.flatMap((interaction) => messageOf(interaction) ?? []);
  const cards = foldDrafts(leaf, messages).drafts.map((draft): FoldedCard => {
    return { ...draft, ...(name === undefined ? {} : { name }), version: 0 };
  });
  return { customerId: leaf, head: fold.head, cards: cards.sort(byLastArrival) };
}
