import { leavesOf } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Customers } from './customers.ts';

/** Pointers that are followed; whoever links makes paths short again. */
const longestPath = 8;

/**
 * All leaves of a leaf's customer, the root first: one read for a leaf that is alone and for a root, else two.
 */
export async function readLeaves(customers: Pick<Customers, 'readNode'>, leaf: Leaf): Promise<Leaf[]> {
  for (const consistent of [false, true]) {
    let root = leaf;
    let node = await customers.readNode(root, { consistent });
    for (let hops = 0; node?.kind === 'member' && hops < longestPath; hops++) {
      root = node.parent;
      node = await customers.readNode(root, { consistent });
    }
    const leaves = leavesOf(root, node);
    if (leaves.includes(leaf)) return leaves;
  }
  return [leaf];
}
