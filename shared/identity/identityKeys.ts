import type { ItemKey } from '../platform/table.ts';
import type { Leaf } from './leaf.ts';

/*
 * Access patterns
 *   whose tree a leaf hangs in   get             pk L#leaf   sk ~i
 *   which leaves are too many    get             pk L#root   sk ~i2
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
