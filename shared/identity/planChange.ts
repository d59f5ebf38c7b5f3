import type { TransactOperation } from '../platform/table.ts';
import { type CustomerTree, divideTree, treeOf } from './customerTree.ts';
import type { RootAt } from './decideLink.ts';
import { identityOverflowKey } from './identityKeys.ts';
import {
  epochUnchanged,
  type IdentityNode,
  identityNodeItem,
  type MemberNode,
  type Overflow,
  overflowItem,
  type RootNode,
} from './identityNode.ts';
import type { Leaf } from './leaf.ts';

/** A change of trees as one transaction makes it. */
export interface PlannedChange {
  /** The roots afterwards, one for each tree. */
  roots: RootAt[];
  operations: TransactOperation[];
  /** Leaves whose pointers lead to their root over a former root: they are to be turned afterwards. */
  detours: Leaf[];
}

/**
 * Plans what is written where the leaves of the trees `before` become the trees `after`. A tree that only comes below
 * another root keeps its pointers, as they still lead there. Of a tree that falls apart, every leaf that moves, or whose
 * pointer is not direct, is written, each by its epoch: so nobody who read an older pointer can restore it. Undefined
 * where somebody else is changing these leaves.
 */
export async function planChange(
  before: readonly RootAt[],
  after: readonly CustomerTree[],
  readNode: (leaf: Leaf) => Promise<IdentityNode | undefined>,
): Promise<PlannedChange | undefined> {
  const formerRoots = new Map(before.map((root) => [root.leaf, root.node]));
  const former = placesIn(before.map(({ leaf, node }) => ({ root: leaf, node })));
  const fallenApart = new Set(before.filter((root) => isCut(root, after)).map(({ leaf }) => leaf));
  const roots: RootAt[] = [];
  const operations: TransactOperation[] = [];
  const detours: Leaf[] = [];

  for (const tree of after) {
    const leaf = tree.members[0]?.leaf ?? '';
    const own = formerRoots.get(leaf) ?? (await readNode(leaf));
    if (own === undefined) return undefined;
    const node = keepOverflow(divideTree(tree, own.epoch + 1).node, own);
    roots.push({ leaf, node });
    operations.push({ put: identityNodeItem(leaf, node), condition: epochUnchanged(own.epoch) });
    if (node.overflow && node.overflowEpoch === node.epoch) operations.push({ put: overflowItem(leaf, node.overflow) });
  }
  for (const [leaf, place] of placesIn(roots.map(({ leaf, node }) => ({ root: leaf, node })))) {
    if (leaf === place.root) continue;
    const earlier = former.get(leaf);
    const own = formerRoots.get(leaf);
    const mustMove = earlier !== undefined && fallenApart.has(earlier.root);
    if (own === undefined && !mustMove && earlier?.isOverflow === place.isOverflow) {
      if (earlier.root !== place.root) detours.push(leaf);
      continue;
    }
    const node = own ?? (await readNode(leaf));
    if (node === undefined || (own === undefined && node.kind === 'root')) return undefined;
    if (mustMove && node.kind === 'member' && isInPlace(node, place) && earlier.root === place.root) continue;
    operations.push({
      put: identityNodeItem(leaf, {
        kind: 'member',
        epoch: node.epoch + 1,
        parent: place.root,
        ...(place.isOverflow ? { isOverflow: true } : {}),
      }),
      condition: epochUnchanged(node.epoch),
    });
  }
  const withOverflow = new Set(roots.flatMap(({ leaf, node }) => (node.overflow ? [leaf] : [])));
  for (const [leaf, { overflowEpoch }] of formerRoots) {
    if (overflowEpoch !== undefined && !withOverflow.has(leaf)) operations.push({ delete: identityOverflowKey(leaf) });
  }
  return { roots, operations, detours };
}

interface Place {
  root: Leaf;
  isOverflow: boolean;
}

function placesIn(roots: readonly { root: Leaf; node: RootNode }[]): Map<Leaf, Place> {
  const places = new Map<Leaf, Place>();
  for (const { root, node } of roots) {
    for (const { leaf } of node.members) places.set(leaf, { root, isOverflow: false });
    for (const { leaf } of node.overflow?.members ?? []) places.set(leaf, { root, isOverflow: true });
  }
  return places;
}

function isInPlace({ parent, isOverflow = false }: MemberNode, place: Place): boolean {
  return parent === place.root && isOverflow === place.isOverflow;
}

function isCut({ node }: RootAt, after: readonly CustomerTree[]): boolean {
  const leaves = treeOf(node).members.map(({ leaf }) => leaf);
  return !after.some(({ members }) => {
    const kept = new Set(members.map(({ leaf }) => leaf));
    return leaves.every((leaf) => kept.has(leaf));
  });
}

/** What lies beyond the limits is not written again where it is the same. */
function keepOverflow(node: RootNode, before: IdentityNode): RootNode {
  if (before.kind !== 'root' || !isSame(node.overflow, before.overflow) || !before.overflow) return node;
  return { ...node, overflowEpoch: before.overflow.epoch, overflow: before.overflow };
}

function isSame(one: Overflow | undefined, other: Overflow | undefined): boolean {
  return JSON.stringify([one?.members, one?.edges]) === JSON.stringify([other?.members, other?.edges]);
}
