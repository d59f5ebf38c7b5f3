import { type IdentityNode, membersOf, readIdentityNode } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { LeafState } from './customers.ts';

/** The identity node among the items that lie beside a head. */
export function nodeAmong({ others }: Pick<LeafState, 'others'>): IdentityNode | undefined {
  return readIdentityNode(others.find(({ entity }) => entity === 'identity-node'));
}

/** Whether a leaf shares its customer with others. */
export function isLinked(leaf: Leaf, node: IdentityNode | undefined): boolean {
  return node?.kind === 'member' || membersOf(leaf, node).length > 1;
}
