import type { IdentityNode } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';

/** What a customer's tree says about mail addresses. */
export interface Ties {
  /** Leaves of the addresses that are linked; an address may be known and not be linked. */
  emails: Leaf[];
  /** Leaves from which this customer was taken apart, whatever its timelines state. */
  apart: Leaf[];
}

export function tiesOf(node: IdentityNode | undefined): Ties {
  if (node?.kind !== 'root') return { emails: [], apart: [] };
  const own = new Set(node.members.map(({ leaf }) => leaf));
  return {
    emails: node.members.filter(({ type }) => type === 'email').map(({ leaf }) => leaf),
    apart: node.blocks.flatMap(([one, other]) => [one, other].filter((leaf) => !own.has(leaf))),
  };
}
