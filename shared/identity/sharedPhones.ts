import { type CustomerTree, cutTree } from './customerTree.ts';
import type { Edge, Member, RootNode, WeakEdge } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import { components, endsOf } from './leafGraph.ts';

/** How many people are remembered to whom one number may belong. */
export const candidateLimit = 5;
/** How many hints a customer keeps at numbers that may be theirs, too. */
const hintLimit = 10;

/** Whether a leaf stands for a person, and not only for a device, a call or a number. */
export function isPerson({ type }: Member): boolean {
  return type === 'userId' || type === 'email' || type === 'externalId';
}

/**
 * Cuts a tree that statements made, such that no telephone number joins two people which is only asserted to be theirs.
 * Take the leaves without such numbers and see who is connected: that are people, and leaves that are nobody's yet.
 * Numbers with what hangs only on them are one region; a region that touches several people becomes a customer of its
 * own, and what was stated between it and them becomes weak edges. Edges are restored from weak ones where both ends
 * are in the tree. So the result depends on what was stated, not on the order.
 */
export function cutAtSharedPhones(tree: CustomerTree): CustomerTree[] {
  const { members } = tree;
  const leaves = new Set(members.map(({ leaf }) => leaf));
  const isInside = ([phone, other]: WeakEdge) => leaves.has(phone) && leaves.has(other);
  const edges = [...tree.edges, ...restored(tree.weak.filter(isInside), tree.edges)];
  const held = new Set(edges.filter(([, , trust]) => trust === 'proven').flatMap(endsOf));
  const phones = new Set(members.flatMap(({ leaf, type }) => (type === 'phone' && !held.has(leaf) ? [leaf] : [])));
  // A proven number is that customer's; whom else it was said to belong to is forgotten.
  const outside = tree.weak.filter((pair) => !isInside(pair) && (phones.has(pair[0]) || !leaves.has(pair[0])));

  const groups = components(
    [...leaves].filter((leaf) => !phones.has(leaf)),
    edges,
  );
  const people = groups.filter((group) => members.some((member) => group.has(member.leaf) && isPerson(member)));
  const personOf = new Map(people.flatMap((person) => [...person].map((leaf) => [leaf, person] as const)));
  const weakened = new Set<Edge>();
  for (const region of components(
    [...leaves].filter((leaf) => !personOf.has(leaf)),
    edges,
  )) {
    const bridges = edges.filter(([a, b]) => region.has(a) !== region.has(b));
    const touched = new Set(bridges.map(([a, b]) => personOf.get(a) ?? personOf.get(b)));
    const isAwaited = outside.some(([phone]) => region.has(phone));
    if (touched.size > 1 || (touched.size === 1 && isAwaited)) for (const edge of bridges) weakened.add(edge);
  }
  const weak = [...weakened].map(([a, b]): WeakEdge => (phones.has(a) ? [a, b] : [b, a]));
  return cutTree({
    ...tree,
    edges: edges.filter((edge) => !weakened.has(edge)),
    weak: [...outside, ...inOrder(weak, tree.weak)],
  }).map(boundWeak);
}

/** Those to whom a number may belong, by what its root says. */
export function candidatesOf({ members, weak = [] }: Pick<RootNode, 'members' | 'weak'>): Leaf[] {
  const own = new Set(members.map(({ leaf }) => leaf));
  return [...new Set(weak.flatMap(([phone, other]) => (own.has(phone) ? [other] : [])))];
}

function restored(weak: readonly WeakEdge[], edges: readonly Edge[]): Edge[] {
  return weak
    .map(([a, b]): Edge => (a < b ? [a, b, 'asserted'] : [b, a, 'asserted']))
    .filter(([a, b]) => !edges.some(([one, other]) => one === a && other === b));
}

/** Those that were weak before come first, in their order. */
function inOrder(weak: readonly WeakEdge[], before: readonly WeakEdge[]): WeakEdge[] {
  const place = ([phone, other]: WeakEdge) => {
    const index = before.findIndex(([one, another]) => one === phone && another === other);
    return index === -1 ? before.length : index;
  };
  return [...weak].sort((one, other) => place(one) - place(other));
}

/** A number's own first few weak edges, and the latest hints at other numbers. */
function boundWeak(tree: CustomerTree): CustomerTree {
  const own = new Set(tree.members.map(({ leaf }) => leaf));
  const hints = tree.weak.filter(([phone]) => !own.has(phone)).slice(-hintLimit);
  const counts = new Map<Leaf, number>();
  const mine = tree.weak.filter(([phone]) => {
    if (!own.has(phone)) return false;
    const count = (counts.get(phone) ?? 0) + 1;
    counts.set(phone, count);
    return count <= candidateLimit;
  });
  return { ...tree, weak: [...mine, ...hints] };
}
