import { type IdentifierType, identifierTypes } from '../contracts/identifier.ts';
import { type Block, byAuthority, type Edge, type Member, type RootNode, type WeakEdge } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import { components, endsOf } from './leafGraph.ts';

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
/** How many anonymous leaves may be found by the root beyond these limits; so that one transaction can part them all. */
export const overflowLimit = 60;

/** All that is known of one customer's leaves, whatever item keeps it; edges in the order in which they were stated. */
export interface CustomerTree {
  members: readonly Member[];
  edges: readonly Edge[];
  blocks: readonly Block[];
  weak: readonly WeakEdge[];
}

export function treeOf({ members, edges, blocks, weak = [], overflow }: RootNode): CustomerTree {
  if (overflow === undefined) return { members, edges, blocks, weak };
  return {
    members: [...members, ...overflow.members].sort(byAuthority),
    edges: [...overflow.edges, ...edges],
    blocks,
    weak,
  };
}

/** Cuts a tree into those that edges connect; each keeps the blocks and weak edges that concern one of its leaves. */
export function cutTree({ members, edges, blocks, weak }: CustomerTree): CustomerTree[] {
  const groups = components(
    members.map(({ leaf }) => leaf),
    edges,
  );
  return groups.map((group) => {
    const concerns = ([a, b]: readonly [Leaf, Leaf, ...unknown[]]) => group.has(a) || group.has(b);
    return {
      members: members.filter(({ leaf }) => group.has(leaf)),
      edges: edges.filter(concerns),
      blocks: blocks.filter(concerns),
      weak: weak.filter(concerns),
    };
  });
}

/** A tree as its root keeps it, and whether limits hold. */
export interface DividedTree {
  node: RootNode;
  isWithinLimits: boolean;
}

/**
 * Divides a tree into the members of one customer and the leaves beyond the limits: as long as there are too many, the
 * earliest linked anonymous leaf whose removal keeps the others connected. A function of the tree alone.
 */
export function divideTree({ members, edges, blocks, weak }: CustomerTree, epoch: number): DividedTree {
  const inner = new Set(members.map(({ leaf }) => leaf));
  const typeOf = new Map(members.map(({ leaf, type }) => [leaf, type]));
  const removable = [...new Set(edges.flatMap(endsOf))].filter(
    (leaf) => typeOf.get(leaf) === 'anonymousId' && leaf !== members[0]?.leaf,
  );
  const isInner = ({ leaf }: Member) => inner.has(leaf);
  while (isOverLimit(members.filter(isInner))) {
    const next = removable.find((leaf) => inner.has(leaf) && isConnected(inner, edges, leaf));
    if (next === undefined) break;
    inner.delete(next);
  }
  const beyond = members.filter(({ leaf }) => !inner.has(leaf));
  const isOuter = ([a, b]: Edge) => !inner.has(a) || !inner.has(b);
  const node: RootNode = {
    kind: 'root',
    epoch,
    members: members.filter(isInner),
    edges: edges.filter((edge) => !isOuter(edge)),
    blocks,
    ...(weak.length > 0 ? { weak } : {}),
    ...(beyond.length > 0
      ? { overflowEpoch: epoch, overflow: { epoch, members: beyond, edges: edges.filter(isOuter) } }
      : {}),
  };
  return { node, isWithinLimits: !isOverLimit(node.members) && beyond.length <= overflowLimit };
}

function isConnected(leaves: ReadonlySet<Leaf>, edges: readonly Edge[], without: Leaf): boolean {
  return (
    components(
      [...leaves].filter((leaf) => leaf !== without),
      edges,
    ).length === 1
  );
}

function isOverLimit(members: readonly Member[]): boolean {
  if (members.length > memberLimit) return true;
  return identifierTypes.some((type) => members.filter((member) => member.type === type).length > memberLimits[type]);
}
