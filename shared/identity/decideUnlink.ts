import { type CustomerTree, cutTree, treeOf } from './customerTree.ts';
import { distinctPairs, isPair, type RootAt } from './decideLink.ts';
import type { Leaf } from './leaf.ts';
import { components } from './leafGraph.ts';

/** What an unlink comes to. */
export type UnlinkDecision =
  /** They are apart, and will stay so. */
  | { kind: 'already' }
  /** What becomes of the leaves of both trees; where they were apart, only the block between them is new. */
  | { kind: 'changed'; trees: CustomerTree[]; were: 'together' | 'apart' };

/**
 * Decides to take the leaf `x` of the tree `left` away from `a` of the tree `right`: its edges into what `a` is
 * connected with otherwise are removed, so what hangs on it alone goes with it, and a block keeps the two apart.
 */
export function decideUnlink(left: RootAt, right: RootAt, x: Leaf, a: Leaf): UnlinkDecision {
  const isKnown = [left, right].every(({ node }) => node.blocks.some((ends) => isPair(ends, x, a)));
  if (left.leaf !== right.leaf) {
    if (isKnown) return { kind: 'already' };
    return { kind: 'changed', trees: [left, right].map(({ node }) => blocked(treeOf(node), x, a)), were: 'apart' };
  }
  const tree = treeOf(left.node);
  const leaves = tree.members.map(({ leaf }) => leaf).filter((leaf) => leaf !== x);
  const kept = components(leaves, tree.edges).find((group) => group.has(a)) ?? new Set([a]);
  const isCut = ([one, other]: CustomerTree['edges'][number]) =>
    (one === x && kept.has(other)) || (other === x && kept.has(one));
  const edges = tree.edges.filter((edge) => !isCut(edge));
  return { kind: 'changed', trees: cutTree(blocked({ ...tree, edges }, x, a)), were: 'together' };
}

function blocked(tree: CustomerTree, x: Leaf, a: Leaf): CustomerTree {
  return { ...tree, blocks: distinctPairs([...tree.blocks, [x, a] as const]) };
}
