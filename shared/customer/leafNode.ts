import {
  type IdentityNode,
  membersOf,
  readIdentityNode,
  readOverflow,
  withOverflow,
} from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { LeafState } from './customers.ts';

/** The identity node among the items that lie beside a head, a root with what lies beyond its limits. */
export function nodeAmong({ others }: Pick<LeafState, 'others'>): IdentityNode | undefined {
  const node = readIdentityNode(others.find(({ entity }) => entity === 'identity-node'));
  if (node?.kind !== 'root') return node;
  return withOverflow(node, readOverflow(others.find(({ entity }) => entity === 'identity-overflow'))) ?? node;
}

/** Whether a leaf is folded together with others; those beyond the limits of their customer are not. */
export function isLinked(leaf: Leaf, node: IdentityNode | undefined): boolean {
  if (node?.kind === 'member') return !node.isOverflow;
  return membersOf(leaf, node).length > 1;
}

/**
 * Whether the cards of a leaf that is alone were folded for it alone, since its tree last changed. Otherwise they may
 * tell of leaves that were taken away from it.
 */
export function isFoldedAlone(state: Pick<LeafState, 'aloneAtEpoch' | 'others'>): boolean {
  return state.aloneAtEpoch === (nodeAmong(state)?.epoch ?? 0);
}
