import { identityRange } from '../identity/identityKeys.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   a leaf's state: head, cards, node, customer   query            pk L#leaf   sk ~…
 *   whose leaf it is                              query            pk L#leaf   sk ~i, ~i2
 *   write the head that was read                  put by version   pk L#leaf   sk ~h
 *   write the customer that was read              put by version   pk L#root   sk ~c
 */

export function headKey(leaf: Leaf): ItemKey {
  return { pk: `L#${leaf}`, sk: '~h' };
}

export function customerKey(root: Leaf): ItemKey {
  return { pk: `L#${root}`, sk: '~c' };
}

export const nodeRange: (leaf: Leaf) => { pk: string; from: string; to: string } = identityRange;

/** Everything of a leaf that is not an interaction: `~` sorts after `B` and `E`. */
export function stateRange(leaf: Leaf): { pk: string; from: string; to: string } {
  return { pk: `L#${leaf}`, from: '~', to: '~~' };
}
