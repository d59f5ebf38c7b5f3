import { type IdentifierType, identifierTypes } from '../contracts/identifier.ts';
import type { ConflictReason } from './identities.ts';
import { byAuthority, type Edge, type LinkTrust, type Member, type MemberNode, type RootNode } from './identityNode.ts';
import type { Leaf } from './leaf.ts';

/** How many leaves of a type one customer may have. */
export const memberLimits: Readonly<Record<IdentifierType, number>> = {
  userId: 1,
  email: 5,
  phone: 3,
  externalId: 5,
  anonymousId: 20,
};
/** How many leaves one customer may have in all. */
export const memberLimit = 32;

export interface RootAt {
  leaf: Leaf;
  node: RootNode;
}

/** What a link between leaves of two trees comes to. */
export type LinkDecision =
  | { kind: 'already' }
  | { kind: 'conflicted'; reason: ConflictReason }
  /** Both ends share the tree; its root gets the edge, or better trust in it. */
  | { kind: 'founded'; node: RootNode }
  /** The greater root goes below the smaller one. */
  | { kind: 'joined'; winner: RootAt; loser: { leaf: Leaf; node: MemberNode } };

/** Decides a link of `a`, in the tree of `left`, and `b`, in the tree of `right`, from what both roots say. */
export function decideLink(
  left: RootAt,
  right: RootAt,
  { a, b, trust }: { a: Leaf; b: Leaf; trust: LinkTrust },
): LinkDecision {
  if (left.leaf === right.leaf) {
    const edges = withEdge(left.node.edges, a, b, trust);
    if (a === b || edges === undefined) return { kind: 'already' };
    return { kind: 'founded', node: { ...left.node, epoch: left.node.epoch + 1, edges } };
  }
  const members = [...left.node.members, ...right.node.members].sort(byAuthority);
  const blocks = [...left.node.blocks, ...right.node.blocks];
  const isMember = (leaf: Leaf) => members.some((member) => member.leaf === leaf);
  if (blocks.some((ends) => ends.every(isMember))) return { kind: 'conflicted', reason: 'blocked' };
  if (isOverLimit(members)) return { kind: 'conflicted', reason: 'limit' };

  const [winner, loser] = members[0]?.leaf === right.leaf ? [right, left] : [left, right];
  const edges = [...winner.node.edges, ...loser.node.edges];
  const node: RootNode = {
    kind: 'root',
    epoch: winner.node.epoch + 1,
    members,
    edges: withEdge(edges, a, b, trust) ?? edges,
    blocks: distinctBlocks(blocks),
  };
  return {
    kind: 'joined',
    winner: { leaf: winner.leaf, node },
    loser: { leaf: loser.leaf, node: { kind: 'member', epoch: loser.node.epoch + 1, parent: winner.leaf } },
  };
}

/** The root that a leaf without a node is. */
export function rootAlone(member: Member): RootNode {
  return { kind: 'root', epoch: 0, members: [member], edges: [], blocks: [] };
}

/** The edges with this one; undefined where they hold it already, no worse founded. */
function withEdge(edges: readonly Edge[], a: Leaf, b: Leaf, trust: LinkTrust): Edge[] | undefined {
  const edge: Edge = a < b ? [a, b, trust] : [b, a, trust];
  const known = edges.findIndex(([one, other]) => one === edge[0] && other === edge[1]);
  if (known === -1) return [...edges, edge];
  return trust === 'proven' && edges[known]?.[2] === 'asserted' ? edges.with(known, edge) : undefined;
}

function isOverLimit(members: readonly Member[]): boolean {
  if (members.length > memberLimit) return true;
  return identifierTypes.some((type) => members.filter((member) => member.type === type).length > memberLimits[type]);
}

function distinctBlocks(blocks: RootNode['blocks']): RootNode['blocks'] {
  return [...new Map(blocks.map((ends) => [[...ends].sort().join(), ends])).values()];
}
