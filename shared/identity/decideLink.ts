import { type CustomerTree, divideTree, treeOf } from './customerTree.ts';
import type { ConflictReason } from './identities.ts';
import { byAuthority, type Edge, type LinkTrust, type Member, type RootNode } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import type { LeafPair } from './leafGraph.ts';
import { cutAtSharedPhones, isPerson } from './sharedPhones.ts';

export interface RootAt {
  leaf: Leaf;
  node: RootNode;
}

/** What a link comes to. */
export type LinkDecision =
  | { kind: 'already' }
  | { kind: 'conflicted'; reason: ConflictReason }
  /** What becomes of the leaves of both trees; `reason` where the two ends are apart all the same. */
  | { kind: 'changed'; trees: CustomerTree[]; reason?: ConflictReason };

export interface StatedEdge {
  a: Leaf;
  b: Leaf;
  trust: LinkTrust;
  lifts?: true;
}

/** Decides a link of `a`, in the tree of `left`, and `b`, in the tree of `right`, from what both roots say. */
export function decideLink(left: RootAt, right: RootAt, stated: StatedEdge): LinkDecision {
  const { a, b, trust } = stated;
  if (left.leaf === right.leaf) {
    const tree = treeOf(left.node);
    const edges = withEdge(tree.edges, a, b, trust);
    if (a === b || edges === undefined) return { kind: 'already' };
    return withinLimits([{ ...tree, edges }], stated);
  }
  const before = [treeOf(left.node), treeOf(right.node)];
  if (isHeldPhone(before, stated)) return { kind: 'conflicted', reason: 'shared-phone' };
  const [first, second] = left.node.members[0] && isRootOf(left, right) ? before : before.toReversed();
  if (first === undefined || second === undefined) return { kind: 'already' };
  const edges = [...first.edges, ...second.edges];
  const blocks = distinctPairs([...first.blocks, ...second.blocks]);
  const trees = cutAtSharedPhones({
    members: [...first.members, ...second.members].sort(byAuthority),
    edges: withEdge(edges, a, b, trust) ?? edges,
    blocks: stated.lifts ? blocks.filter((ends) => !isPair(ends, a, b)) : blocks,
    weak: distinctPairs([...first.weak, ...second.weak], (pair) => pair.join()),
  });
  if (areSame(before, trees)) return { kind: 'conflicted', reason: 'shared-phone' };
  return withinLimits(trees, stated);
}

/** The root that a leaf without a node is. */
export function rootAlone(member: Member): RootNode {
  return { kind: 'root', epoch: 0, members: [member], edges: [], blocks: [] };
}

/** Whether a pair consists of these two leaves, in whatever order. */
export function isPair([one, other]: LeafPair, a: Leaf, b: Leaf): boolean {
  return (one === a && other === b) || (one === b && other === a);
}

/** Each pair once, in whatever order its ends stand. */
export function distinctPairs<T extends LeafPair>(
  pairs: readonly T[],
  nameOf: (pair: T) => string = ([a, b]) => [a, b].sort().join(),
): T[] {
  return [...new Map(pairs.map((pair) => [nameOf(pair), pair])).values()];
}

/** The edges with this one; undefined where they hold it already, no worse founded. */
function withEdge(edges: readonly Edge[], a: Leaf, b: Leaf, trust: LinkTrust): Edge[] | undefined {
  const edge: Edge = a < b ? [a, b, trust] : [b, a, trust];
  const known = edges.findIndex(([one, other]) => one === edge[0] && other === edge[1]);
  if (known === -1) return [...edges, edge];
  return trust === 'proven' && edges[known]?.[2] === 'asserted' ? edges.with(known, edge) : undefined;
}

function isRootOf(left: RootAt, right: RootAt): boolean {
  const [one, other] = [left.node.members[0], right.node.members[0]];
  return one !== undefined && other !== undefined && byAuthority(one, other) < 0;
}

/** Whether only an assertion would join two people through a number that is proven to be one's. */
function isHeldPhone(trees: readonly CustomerTree[], { a, b, trust }: StatedEdge): boolean {
  if (trust === 'proven' || !trees.every(({ members }) => members.some(isPerson))) return false;
  const isHeld = (leaf: Leaf) =>
    trees.some(({ edges }) => edges.some((edge) => edge[2] === 'proven' && (edge[0] === leaf || edge[1] === leaf)));
  const ends = trees.flatMap(({ members }) => members.filter(({ leaf }) => leaf === a || leaf === b));
  const phones = ends.filter(({ type }) => type === 'phone');
  return phones.length > 0 && phones.every(({ leaf }) => isHeld(leaf));
}

function withinLimits(trees: CustomerTree[], { a, b }: StatedEdge): LinkDecision {
  for (const { blocks, members } of trees) {
    const leaves = new Set(members.map(({ leaf }) => leaf));
    if (blocks.some((ends) => ends.every((end) => leaves.has(end)))) return { kind: 'conflicted', reason: 'blocked' };
  }
  if (!trees.every((tree) => divideTree(tree, 0).isWithinLimits)) return { kind: 'conflicted', reason: 'limit' };
  const areTogether = trees.some(({ members }) => [a, b].every((end) => members.some(({ leaf }) => leaf === end)));
  return areTogether ? { kind: 'changed', trees } : { kind: 'changed', trees, reason: 'shared-phone' };
}

function areSame(before: readonly CustomerTree[], after: readonly CustomerTree[]): boolean {
  const names = (trees: readonly CustomerTree[]) => trees.map(nameOf).sort().join('\n');
  return names(before) === names(after);
}

function nameOf({ members, edges, weak }: CustomerTree): string {
  return [members.map(({ leaf }) => leaf), edges.map(String).sort(), weak.map(String).sort()].join(';');
}
