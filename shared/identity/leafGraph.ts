import type { Leaf } from './leaf.ts';

/** Two leaves that belong together, and whatever else is known of that. */
export type LeafPair = readonly [Leaf, Leaf, ...unknown[]];

/** The groups of leaves that pairs connect, in the order of their first leaves. Pairs with other leaves connect nothing. */
export function components(leaves: Iterable<Leaf>, pairs: readonly LeafPair[]): Set<Leaf>[] {
  const groupOf = new Map<Leaf, Set<Leaf>>();
  for (const leaf of leaves) groupOf.set(leaf, new Set([leaf]));
  for (const [a, b] of pairs) {
    const [one, other] = [groupOf.get(a), groupOf.get(b)];
    if (one === undefined || other === undefined || one === other) continue;
    for (const leaf of other) groupOf.set(leaf, one.add(leaf));
  }
  return [...new Set(groupOf.values())];
}

export function endsOf([a, b]: LeafPair): [Leaf, Leaf] {
  return [a, b];
}
