import type { ItemKey } from '../platform/table.ts';
import type { Leaf } from './leaf.ts';

/*
 * Access patterns
 *   whose tree a leaf hangs in   get             pk L#leaf   sk ~i
 *   change the tree              transact        the roots, each by its epoch
 *   shorten a path               put by epoch    the leaf
 */

export function identityNodeKey(leaf: Leaf): ItemKey {
  return { pk: `L#${leaf}`, sk: '~i' };
}
