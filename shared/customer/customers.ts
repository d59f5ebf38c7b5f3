import type { IdentityNode } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Item } from '../platform/table.ts';
import type { CustomerFold } from './customerFold.ts';
import type { Head } from './head.ts';

/** What lies beside a leaf's interactions, as one query tells it. */
export interface LeafState {
  head: Head | undefined;
  /** 0 while there is no head. */
  version: number;
  /**
   * Epoch of the leaf's own identity node when its conversations were folded for it alone; 0 for a leaf without a node
   * and for one that was linked. Where it is not the node's, cards may tell of leaves that are somebody else's by now.
   */
  aloneAtEpoch: number;
  /** The fold of the whole customer, where this leaf is or was the root of several. */
  customer: { fold: CustomerFold; version: number } | undefined;
  /** Items that are other nouns' business: conversation cards, the identity node. */
  others: Item[];
}

/** What the stream tells of a head besides its content. */
export interface HeadNews {
  /** The interactions folded in this write that may cause a follow-up. */
  triggers: readonly { id: string; type: string }[];
  /** See `LeafState`; none for 0. */
  aloneAtEpoch?: number;
}

/** Customers as use cases see them; `customerStore.ts` keeps them in the table. */
export interface Customers {
  /** One query, at most one read unit for a leaf within the usual limits; twice that if consistent. */
  readState(leaf: Leaf, options?: { consistent?: boolean }): Promise<LeafState>;
  /**
   * The identity node of a leaf, of a root with the leaves beyond its limits: half a read unit, twice that if consistent.
   */
  readNode(leaf: Leaf, options?: { consistent?: boolean }): Promise<IdentityNode | undefined>;
  /** Replaces the head that was read at `version`; false where somebody else wrote one since. */
  writeHead(leaf: Leaf, head: Head, version: number, news?: HeadNews): Promise<boolean>;
  /** Replaces the customer that was read at `version`, 0 for none; false where somebody else wrote one since. */
  writeCustomer(root: Leaf, fold: CustomerFold, version: number): Promise<boolean>;
}
