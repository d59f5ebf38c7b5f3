import { byLastArrival, type FoldedCard, leafCards } from '../conversation/conversationCard.ts';
import type { Customers } from '../customer/customers.ts';
import type { Leaf } from '../identity/leaf.ts';

/** Where the conversations of a leaf are found: with its head, in one query. */
export type ConversationsOfLeaf = Pick<Customers, 'readState'>;

/** The conversation of a leaf in which the latest message arrived; a leaf's own only, nobody else's. */
export async function latestConversation(
  customers: ConversationsOfLeaf,
  leaf: Leaf,
  { unresolved = false }: { unresolved?: boolean } = {},
): Promise<FoldedCard | undefined> {
  const { others } = await customers.readState(leaf);
  return leafCards(others)
    .filter(({ status }) => !unresolved || status !== 'resolved')
    .sort(byLastArrival)[0];
}
