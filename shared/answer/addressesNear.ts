import type { Identifier } from '../contracts/identifier.ts';
import type { Edge } from '../identity/identityNode.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';

/** A mailbox to which an answer may go. */
export interface AnswerAddress {
  value: string;
  leaf: Leaf;
}

/**
 * The customer's addresses as they are near to whoever wrote, the best first: over proven links before stated ones,
 * and the fewer links the better. An address that somebody was once said to have besides is not necessarily theirs, so
 * the strangest link decides how far it is. What is only claimed is nobody's address.
 */
export function addressesNear(
  start: Leaf,
  { edges, identifiers, leafOf }: { edges: readonly Edge[]; identifiers: readonly Identifier[]; leafOf: LeafOf },
): AnswerAddress[] {
  const emails = identifiers
    .filter(({ trust, type }) => type === 'email' && trust !== 'claimed')
    .map(({ type, value }) => ({ value, leaf: leafOf({ type, value }) }));
  const proven = distancesFrom(
    start,
    edges.filter(([, , trust]) => trust === 'proven'),
  );
  const stated = distancesFrom(start, edges);
  const rank = ({ leaf }: AnswerAddress): number => proven.get(leaf) ?? 100 + (stated.get(leaf) ?? 100);
  return (
    emails
      // Of a leaf that is linked to nothing what was stated there is all there is.
      .filter(({ leaf }) => edges.length === 0 || stated.has(leaf))
      .sort((one, other) => rank(one) - rank(other) || (one.value < other.value ? -1 : 1))
  );
}

/** Number of links to every leaf that can be reached. */
function distancesFrom(start: Leaf, edges: readonly Edge[]): Map<Leaf, number> {
  const distances = new Map([[start, 0]]);
  for (const [leaf, distance] of distances) {
    for (const [a, b] of edges) {
      const next = a === leaf ? b : b === leaf ? a : undefined;
      if (next !== undefined && !distances.has(next)) distances.set(next, distance + 1);
    }
  }
  return distances;
}
