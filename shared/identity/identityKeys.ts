import type { ItemKey } from '../platform/table.ts';
import type { Leaf } from './leaf.ts';

/*
 * Access patterns
 *   whose tree a leaf hangs in   query           pk L#leaf   sk ~i, and ~i2 where leaves are too many
 *   change the tree              transact        the roots, each by its epoch; on parting also who moves
 *   shorten a path               put by epoch    the leaf
 */

export function identityNodeKey(leaf: Leaf): ItemKey {
  return { pk: `L#${leaf}`, sk: '~i' };
}

/** Of a root: its leaves beyond the limits. */
export function identityOverflowKey(root: Leaf): ItemKey {
  return { pk: `L#${root}`, sk: '~i2' };
}

/** What a leaf's tree is, with what lies beyond its limits: together below the 4 KB that one read unit covers. */
export function identityRange(leaf: Leaf): { pk: string; from: string; to: string } {
  return { pk: `L#${leaf}`, from: identityNodeKey(leaf).sk, to: identityOverflowKey(leaf).sk };
}
