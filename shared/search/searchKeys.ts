import { createHmac } from 'node:crypto';
import { type Leaf, leafLength } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   leaves under a term     query    pk S#term    sk leaf
 */

/** The partition of a term: a keyed hash like a leaf, so that keys hold no names and numbers. */
export type SearchPartitionOf = (term: string) => string;

export function createSearchPartitionOf(pepper: Buffer): SearchPartitionOf {
  return (term) =>
    `S#${createHmac('sha256', pepper).update(`search|${term}`).digest('base64url').slice(0, leafLength)}`;
}

export function searchItemKey(partition: string, leaf: Leaf): ItemKey {
  return { pk: partition, sk: leaf };
}

/** Every leaf lies between these. */
export const allLeaves = { from: '-', to: '~' };
