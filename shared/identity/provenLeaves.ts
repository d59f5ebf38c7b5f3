import type { RootNode } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import { components, endsOf } from './leafGraph.ts';

/**
 * What a customer may see who has shown to be `start`: the leaves that proven edges join with it, itself included. What
 * only a server or a mail asserts stays out: whoever registers somebody's address in the shop must not read their words.
 */
export function provenLeaves(root: RootNode, start: Leaf): Leaf[] {
  const edges = [...root.edges, ...(root.overflow?.edges ?? [])].filter(([, , trust]) => trust === 'proven');
  const leaves = new Set([start, ...edges.flatMap(endsOf)]);
  return [...(components(leaves, edges).find((group) => group.has(start)) ?? [start])];
}
