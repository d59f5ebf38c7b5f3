import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   which leaves are parked          query            pk R#repair
 *   a leaf fails, is parked, mended  put by version   pk R#repair   sk leaf
 */

export const repairPartition = 'R#repair';

export function parkedLeafKey(leaf: Leaf): ItemKey {
  return { pk: repairPartition, sk: leaf };
}
