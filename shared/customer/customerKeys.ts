import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   a leaf's state: head and open conversations   query            pk L#leaf   sk ~…
 *   write the head that was read                  put by version   pk L#leaf   sk ~h
 */

export function headKey(leaf: Leaf): ItemKey {
  return { pk: `L#${leaf}`, sk: '~h' };
}

/** Everything of a leaf that is not an interaction: `~` sorts after `B` and `E`. */
export function stateRange(leaf: Leaf): { pk: string; from: string; to: string } {
  return { pk: `L#${leaf}`, from: '~', to: '~~' };
}
