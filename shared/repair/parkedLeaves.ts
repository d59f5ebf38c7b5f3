import type { Leaf } from '../identity/leaf.ts';
import type { ParkedLeaf } from './parkedLeaf.ts';

/** `lost`: it is not what it was read as, but `existing` now; undefined for nothing. */
export type ParkedLeafWrite = { kind: 'written' } | { kind: 'lost'; existing: ParkedLeaf | undefined };

/** Leaves that fail, as use cases see them; `parkedLeavesStore.ts` keeps them in the table. */
export interface ParkedLeaves {
  /** All that fail or are parked. Does not see the writes of the last moment. */
  list(): Promise<ParkedLeaf[]>;
  read(leaf: Leaf): Promise<ParkedLeaf | undefined>;
  /** Replaces what has the version before; version 1 replaces nothing. */
  write(next: ParkedLeaf): Promise<ParkedLeafWrite>;
  /** False where it has changed since it was read. */
  remove(read: ParkedLeaf): Promise<boolean>;
}
