import type { Leaf } from '../identity/leaf.ts';
import type { Item } from '../platform/table.ts';
import type { Head } from './head.ts';

/** What lies beside a leaf's interactions, as one query tells it. */
export interface LeafState {
  head: Head | undefined;
  /** 0 while there is no head. */
  version: number;
  /** Items that are other nouns' business: conversation cards. */
  others: Item[];
}

/** Customers as use cases see them; `customerStore.ts` keeps them in the table. */
export interface Customers {
  /** One query, at most one read unit for a leaf within the usual limits; twice that if consistent. */
  readState(leaf: Leaf, options?: { consistent?: boolean }): Promise<LeafState>;
  /** Replaces the head that was read at `version`; false where somebody else wrote one since. */
  writeHead(leaf: Leaf, head: Head, version: number): Promise<boolean>;
}
