import * as z from 'zod';
import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';

/** That two leaves were linked, or that `a` was taken out of the customer of `b`, and since when, in milliseconds. */
export interface LeafFact {
  a: Leaf;
  b: Leaf;
  sinceMs: number;
  parts?: true;
}

/** Since when two leaves are known to be one customer, over however many links; `Infinity` for never. */
export type JoinedSince = (one: Leaf, other: Leaf) => number;

const factSchema = z.object({ a: z.object({ leaf: z.string() }), b: z.object({ leaf: z.string() }) });

/** The link or the parting that a fact of identity tells of. */
export function leafFactOf({ type, properties, receivedAt }: Interaction): LeafFact | undefined {
  if (type !== 'identity.linked' && type !== 'identity.unlinked') return undefined;
  const { data } = factSchema.safeParse(properties);
  const parts = type === 'identity.unlinked' ? { parts: true as const } : {};
  return data && { a: data.a.leaf, b: data.b.leaf, sinceMs: Date.parse(receivedAt), ...parts };
}

/**
 * For all leaves of one customer. What was parted and linked again counts from the last link. What the facts leave
 * apart although it is one customer counts as joined from the beginning: somebody linked it without saying when.
 */
export function joinedSince(leaves: Iterable<Leaf>, facts: readonly LeafFact[]): JoinedSince {
  const since = new Map<string, number>();
  let edges: (readonly [Leaf, Leaf])[] = [];

  const link = (a: Leaf, b: Leaf, sinceMs: number) => {
    const [first, second] = [componentOf(a, edges), componentOf(b, edges)];
    edges.push([a, b]);
    if (first.has(b)) return;
    for (const one of first) for (const other of second) since.set(pair(one, other), sinceMs);
  };
  /** Takes away the links of `a` into the part of `b` that does not hang on it, and with them what hangs on `a` alone. */
  const part = (a: Leaf, b: Leaf) => {
    const left = componentOf(
      b,
      edges.filter((edge) => !edge.includes(a)),
    );
    edges = edges.filter(([one, other]) => !((one === a && left.has(other)) || (other === a && left.has(one))));
    for (const one of componentOf(a, edges)) for (const other of left) since.delete(pair(one, other));
  };

  for (const { a, b, parts, sinceMs } of [...facts].sort(byTime)) {
    if (parts) part(a, b);
    else link(a, b, sinceMs);
  }
  const [first, ...others] = leaves;
  if (first !== undefined) for (const leaf of others) link(first, leaf, 0);
  return (one, other) => (one === other ? 0 : (since.get(pair(one, other)) ?? Number.POSITIVE_INFINITY));
}

function componentOf(start: Leaf, edges: readonly (readonly [Leaf, Leaf])[]): Set<Leaf> {
  const component = new Set([start]);
  for (const leaf of component) {
    for (const edge of edges) if (edge.includes(leaf)) for (const end of edge) component.add(end);
  }
  return component;
}

/** Of the same millisecond the parting comes first: who is linked in the end is one customer. */
function byTime(one: LeafFact, other: LeafFact): number {
  return one.sinceMs - other.sinceMs || Number(other.parts ?? false) - Number(one.parts ?? false);
}

function pair(one: Leaf, other: Leaf): string {
  return one < other ? `${one}|${other}` : `${other}|${one}`;
}
