import * as z from 'zod';
import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';

/** That two leaves belong to one customer, and since when we know it, in milliseconds. */
export interface LeafLink {
  a: Leaf;
  b: Leaf;
  sinceMs: number;
}

/** Since when two leaves are known to be one customer, over however many links; `Infinity` for never. */
export type JoinedSince = (one: Leaf, other: Leaf) => number;

const linkedSchema = z.object({ a: z.object({ leaf: z.string() }), b: z.object({ leaf: z.string() }) });

/** The link that a fact of identity tells of. */
export function leafLinkOf({ type, properties, receivedAt }: Interaction): LeafLink | undefined {
  if (type !== 'identity.linked') return undefined;
  const { data } = linkedSchema.safeParse(properties);
  return data && { a: data.a.leaf, b: data.b.leaf, sinceMs: Date.parse(receivedAt) };
}

/**
 * For all leaves of one customer. What the links leave apart although it is one customer counts as joined from the
 * beginning: somebody linked it without saying when.
 */
export function joinedSince(leaves: Iterable<Leaf>, links: readonly LeafLink[]): JoinedSince {
  const since = new Map<string, number>();
  const groups = new Map<Leaf, Set<Leaf>>();
  const groupOf = (leaf: Leaf): Set<Leaf> => {
    const group = groups.get(leaf) ?? new Set([leaf]);
    groups.set(leaf, group);
    return group;
  };
  const join = (one: Leaf, other: Leaf, sinceMs: number) => {
    const [first, second] = [groupOf(one), groupOf(other)];
    if (first === second) return;
    for (const a of first) for (const b of second) since.set(pair(a, b), sinceMs);
    for (const leaf of second) groups.set(leaf, first.add(leaf));
  };
  const known = [...leaves];
  const inTime = [...links].sort((one, other) => one.sinceMs - other.sinceMs);
  for (const { a, b, sinceMs } of inTime) join(a, b, sinceMs);
  for (const leaf of known) join(known[0] ?? leaf, leaf, 0);
  return (one, other) => (one === other ? 0 : (since.get(pair(one, other)) ?? Number.POSITIVE_INFINITY));
}

function pair(one: Leaf, other: Leaf): string {
  return one < other ? `${one}|${other}` : `${other}|${one}`;
}
