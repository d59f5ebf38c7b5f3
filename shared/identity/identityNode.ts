import { type IdentifierType, identifierTypes, type Trust } from '../contracts/identifier.ts';
import type { Condition, Item, ItemKey } from '../platform/table.ts';
import { identityNodeKey, identityOverflowKey } from './identityKeys.ts';
import { isLeaf, type Leaf, leafLength } from './leaf.ts';
import { endsOf } from './leafGraph.ts';

/** A leaf and the kind of identifier that it stands for. */
export interface Member {
  leaf: Leaf;
  type: IdentifierType;
}

/** How a link is founded; a mere claim links nothing. */
export type LinkTrust = Exclude<Trust, 'claimed'>;

/** A stated link between two leaves, the smaller one first. */
export type Edge = readonly [Leaf, Leaf, LinkTrust];

/** Two leaves that must never share a tree. */
export type Block = readonly [Leaf, Leaf];

/**
 * What was stated of a telephone number that belongs to several people: the number, then one of them. It joins nobody.
 * The number's root keeps all of it; the others' roots keep a copy, which is a hint.
 */
export type WeakEdge = readonly [phone: Leaf, other: Leaf];

/** A leaf below another one: where its customer is looked for next. A hint; the root's members decide. */
export interface MemberNode {
  kind: 'member';
  epoch: number;
  parent: Leaf;
  /** It is one of the leaves beyond the limits: folded like a leaf alone, found by the root. */
  isOverflow?: boolean;
}

/** The root of a customer's tree. It is its own first member. A leaf without a node is a root alone, at epoch 0. */
export interface RootNode {
  kind: 'root';
  epoch: number;
  /** Those who are folded to one customer. */
  members: readonly Member[];
  edges: readonly Edge[];
  blocks: readonly Block[];
  weak?: readonly WeakEdge[];
  /** Of the item `~i2` that belongs to this root; absent where no leaves are beyond the limits. */
  overflowEpoch?: number;
  /** What that item says, where it was read as well. */
  overflow?: Overflow;
}

/** Anonymous leaves beyond the limits, and every edge with one of them. Its epoch is the root's when it was written. */
export interface Overflow {
  epoch: number;
  members: readonly Member[];
  edges: readonly Edge[];
}

export type IdentityNode = MemberNode | RootNode;

/** Reads the item `~i` of a leaf. Undefined for other items; throws a `TypeError` where a node is malformed. */
export function readIdentityNode(item: Item | undefined): IdentityNode | undefined {
  if (item?.entity !== 'identity-node') return undefined;
  const { epoch, parent, isOverflow, members, edges, blocks = '', weak, overflowEpoch } = item;
  if (typeof epoch !== 'number') throw malformed();
  if (parent !== undefined) {
    if (typeof parent !== 'string' || !isLeaf(parent)) throw malformed();
    return { kind: 'member', epoch, parent, ...(isOverflow === true ? { isOverflow } : {}) };
  }
  const unpacked = unpackMembers(members);
  return {
    kind: 'root',
    epoch,
    members: unpacked,
    edges: unpackEdges(edges, leavesIn(unpacked)),
    blocks: unpackPairs(blocks),
    ...(weak === undefined ? {} : { weak: unpackPairs(weak) }),
    ...(typeof overflowEpoch === 'number' ? { overflowEpoch } : {}),
  };
}

/** Reads the item `~i2` of a root. Undefined for other items; throws a `TypeError` where it is malformed. */
export function readOverflow(item: Item | undefined): Overflow | undefined {
  if (item?.entity !== 'identity-overflow') return undefined;
  const { anchors, edges, epoch, members } = item;
  if (typeof epoch !== 'number' || typeof anchors !== 'string') throw malformed();
  const unpacked = unpackMembers(members);
  return {
    epoch,
    members: unpacked,
    edges: unpackEdges(edges, [...leavesIn(unpacked), ...cut(anchors, leafLength)]),
  };
}

/** A root with what lies beyond its limits; undefined where the two items were not read at one moment. */
export function withOverflow(node: RootNode, overflow: Overflow | undefined): RootNode | undefined {
  if (node.overflowEpoch === undefined) return node;
  return overflow?.epoch === node.overflowEpoch ? { ...node, overflow } : undefined;
}

/**
 * A node as its item. Members, edges and blocks are packed texts: 23 bytes a member, 3 an edge (two places in the list
 * of members and a letter of trust), 44 a block. So a root of 32 members with an edge each stays below 1,024 bytes.
 */
export function identityNodeItem(leaf: Leaf, node: IdentityNode): Item {
  const common = { ...identityNodeKey(leaf), entity: 'identity-node', schemaVersion: 1, epoch: node.epoch };
  if (node.kind === 'member')
    return { ...common, parent: node.parent, ...(node.isOverflow ? { isOverflow: true } : {}) };
  const { members, edges, blocks, weak = [], overflowEpoch } = node;
  return {
    ...common,
    members: packMembers(members),
    edges: packEdges(edges, leavesIn(members)),
    ...(blocks.length > 0 ? { blocks: blocks.flat().join('') } : {}),
    ...(weak.length > 0 ? { weak: weak.flat().join('') } : {}),
    ...(overflowEpoch === undefined ? {} : { overflowEpoch }),
  };
}

/** Packed likewise; the places of edges count the leaves beyond the limits, then those of the others on which they hang. */
export function overflowItem(root: Leaf, { epoch, members, edges }: Overflow): Item {
  const leaves = leavesIn(members);
  const own = new Set(leaves);
  const anchors = [...new Set(edges.flatMap(endsOf))].filter((leaf) => !own.has(leaf));
  return {
    ...identityOverflowKey(root),
    entity: 'identity-overflow',
    schemaVersion: 1,
    epoch,
    members: packMembers(members),
    anchors: anchors.join(''),
    edges: packEdges(edges, [...leaves, ...anchors]),
  };
}

/** The leaves that are folded to one customer, the root first; of a leaf without a node itself alone. */
export function membersOf(root: Leaf, node: IdentityNode | undefined): Leaf[] {
  return node?.kind === 'root' ? leavesIn(node.members) : [root];
}

/** All leaves of the customer: the members, then those beyond the limits as far as they were read. */
export function leavesOf(root: Leaf, node: IdentityNode | undefined): Leaf[] {
  const beyond = node?.kind === 'root' ? leavesIn(node.overflow?.members ?? []) : [];
  return [...membersOf(root, node), ...beyond];
}

/** Orders leaves by authority: a parent is always smaller than what hangs below it. */
export function byAuthority(one: Member, other: Member): number {
  const difference = identifierTypes.indexOf(one.type) - identifierTypes.indexOf(other.type);
  if (difference !== 0) return difference;
  return one.leaf < other.leaf ? -1 : one.leaf > other.leaf ? 1 : 0;
}

const typeLetters: Record<IdentifierType, string> = {
  userId: 'u',
  email: 'e',
  phone: 'p',
  externalId: 'x',
  anonymousId: 'a',
};
const trustLetters: Record<LinkTrust, string> = { asserted: 'a', proven: 'p' };
/** One letter for each place among the leaves: as many as a tree may have, with those beyond the limits. */
const placeLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_!#$%&()*+,./:;<=>?@[]^`{|}~';

function packMembers(members: readonly Member[]): string {
  return members.map(({ leaf, type }) => `${typeLetters[type]}${leaf}`).join('');
}

function packEdges(edges: readonly Edge[], leaves: readonly Leaf[]): string {
  const places = new Map(leaves.map((leaf, index) => [leaf, placeLetters.charAt(index)]));
  const place = (end: Leaf): string => {
    const letter = places.get(end);
    if (!letter) throw malformed();
    return letter;
  };
  return edges.map(([a, b, trust]) => `${place(a)}${place(b)}${trustLetters[trust]}`).join('');
}

function unpackMembers(text: unknown): Member[] {
  return cut(text, 1 + leafLength).map((packed) => {
    const type = identifierTypes.find((candidate) => typeLetters[candidate] === packed.charAt(0));
    const leaf = packed.slice(1);
    if (type === undefined || !isLeaf(leaf)) throw malformed();
    return { leaf, type };
  });
}

function unpackEdges(text: unknown, leaves: readonly Leaf[]): Edge[] {
  return cut(text, 3).map((packed) => {
    const [a, b] = [packed.charAt(0), packed.charAt(1)].map((letter) => leaves[placeLetters.indexOf(letter)]);
    if (a === undefined || b === undefined) throw malformed();
    return [a, b, packed.charAt(2) === trustLetters.proven ? 'proven' : 'asserted'];
  });
}

function unpackPairs(text: unknown): [Leaf, Leaf][] {
  return cut(text, 2 * leafLength).map((packed) => {
    const [a, b] = [packed.slice(0, leafLength), packed.slice(leafLength)];
    if (!isLeaf(a) || !isLeaf(b)) throw malformed();
    return [a, b];
  });
}

function leavesIn(members: readonly Member[]): Leaf[] {
  return members.map(({ leaf }) => leaf);
}

function cut(text: unknown, length: number): string[] {
  if (typeof text !== 'string' || text.length % length !== 0) throw malformed();
  return Array.from({ length: text.length / length }, (_, index) => text.slice(index * length, (index + 1) * length));
}

function malformed(): TypeError {
  return new TypeError('an identity node is malformed');
}

/** The node is still what was read: every write of a node raises its epoch; at epoch 0 there was none. */
export function epochUnchanged(epoch: number): Condition {
  if (epoch === 0) return { expression: 'attribute_not_exists(pk)' };
  return { expression: '#epoch = :epoch', names: { '#epoch': 'epoch' }, values: { ':epoch': epoch } };
}

/** Holds while the tree of a root, or a leaf that is alone, is the one that was read at this epoch; 0 for no node. */
export function treeUnchanged(root: Leaf, epoch: number): { check: ItemKey; condition: Condition } {
  return { check: identityNodeKey(root), condition: epochUnchanged(epoch) };
}
