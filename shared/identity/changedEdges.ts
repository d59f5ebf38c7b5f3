import type { Item } from '../platform/table.ts';
import { type CustomerTree, treeOf } from './customerTree.ts';
import { isPair, type RootAt } from './decideLink.ts';
import type { LinkRequest } from './identities.ts';
import { linkedFactItem, unlinkedFactItems } from './identityFacts.ts';
import type { Edge, Member } from './identityNode.ts';
import type { Leaf } from './leaf.ts';

/**
 * The facts of a link: that it was made, and, where telephone numbers turned out to be shared or not to be, which other
 * links ended or count again.
 */
export function linkFacts(request: LinkRequest, before: readonly RootAt[], after: readonly CustomerTree[]): Item[] {
  const trees = before.map(({ node }) => treeOf(node));
  const memberOf = new Map(trees.flatMap(({ members }) => members.map((member) => [member.leaf, member] as const)));
  const edgesBefore = trees.flatMap(({ edges }) => edges);
  const ended = missingIn(
    after.flatMap(({ edges }) => edges),
    edgesBefore,
  );
  const made = after.flatMap(({ edges, members }) =>
    missingIn(edgesBefore, edges, true).flatMap(([a, b, trust]) => {
      const [one, other] = [memberOf.get(a), memberOf.get(b)];
      const root = members[0]?.leaf;
      if (one === undefined || other === undefined || root === undefined) return [];
      if (isPair([a, b], request.a.leaf, request.b.leaf)) return [linkedFactItem(request, root)];
      return [linkedFactItem({ ...ofPlatform(request), a: one, b: other, trust }, root)];
    }),
  );
  const parted = ended.flatMap((edge) => {
    const [leaf, from] = numberFirst(edge, memberOf);
    if (leaf === undefined || from === undefined) return [];
    return unlinkedFactItems({ ...ofPlatform(request), leaf, from }, { were: 'together', reason: 'shared-phone' });
  });
  return [...made, ...parted];
}

/** What follows from a statement the platform concludes; its evidence is the statement's. */
function ofPlatform({ evidence, statedAtMs }: LinkRequest): Omit<LinkRequest, 'a' | 'b' | 'trust'> {
  return { evidence, statedAtMs, statedBy: 'platform', reason: 'stated-by-server' };
}

function numberFirst([a, b]: Edge, memberOf: ReadonlyMap<Leaf, Member>): (Member | undefined)[] {
  const ends = [memberOf.get(a), memberOf.get(b)];
  return ends[0]?.type === 'phone' ? ends : ends.reverse();
}

function missingIn(known: readonly Edge[], edges: readonly Edge[], byTrust = false): Edge[] {
  const nameOf = ([a, b, trust]: Edge) => (byTrust ? [a, b, trust] : [a, b]).join();
  const names = new Set(known.map(nameOf));
  return edges.filter((edge) => !names.has(nameOf(edge)));
}
