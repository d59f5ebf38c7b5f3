import { type IdentifierType, identifierTypes, type Trust } from '../contracts/identifier.ts';
import type { Item } from '../platform/table.ts';
import { identityNodeKey } from './identityKeys.ts';
import { isLeaf, type Leaf, leafLength } from './leaf.ts';

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

/** A leaf below another one: where its customer is looked for next. A hint; the root's members decide. */
export interface MemberNode {
  kind: 'member';
  epoch: number;
  parent: Leaf;
}

/** The root of a customer's tree. It is its own first member. A leaf without a node is a root alone, at epoch 0. */
export interface RootNode {
  kind: 'root';
  epoch: number;
  members: readonly Member[];
  edges: readonly Edge[];
  blocks: readonly Block[];
}

export type IdentityNode = MemberNode | RootNode;

/** Reads the item `~i` of a leaf. Undefined for other items; throws a `TypeError` where a node is malformed. */
export function readIdentityNode(item: Item | undefined): IdentityNode | undefined {
  if (item?.entity !== 'identity-node') return undefined;
  const { epoch, parent, members, edges, blocks = '' } = item;
  if (typeof epoch !== 'number') throw malformed();
  if (parent !== undefined) {
    if (typeof parent !== 'string' || !isLeaf(parent)) throw malformed();
    return { kind: 'member', epoch, parent };
  }
  if (typeof members !== 'string' || typeof edges !== 'string' || typeof blocks !== 'string') throw malformed();
  const unpacked = cut(members, 1 + leafLength).map(unpackMember);
  return {
    kind: 'root',
    epoch,
    members: unpacked,
    edges: cut(edges, 3).map((text) => unpackEdge(text, unpacked)),
    blocks: cut(blocks, 2 * leafLength).map(unpackBlock),
  };
}

/**
 * A node as its item. Members, edges and blocks are packed texts: 23 bytes a member, 3 an edge (two places in the list
 * of members and a letter of trust), 44 a block. So a root of 32 members with an edge each stays below 1,024 bytes.
 */
export function identityNodeItem(leaf: Leaf, node: IdentityNode): Item {
  const common = { ...identityNodeKey(leaf), entity: 'identity-node', schemaVersion: 1, epoch: node.epoch };
  if (node.kind === 'member') return { ...common, parent: node.parent };
  const places = new Map(node.members.map((member, index) => [member.leaf, placeLetters.charAt(index)]));
  const place = (end: Leaf): string => {
    const letter = places.get(end);
    if (!letter) throw malformed();
    return letter;
  };
  return {
    ...common,
    members: node.members.map((member) => `${typeLetters[member.type]}${member.leaf}`).join(''),
    edges: node.edges.map(([a, b, trust]) => `${place(a)}${place(b)}${trustLetters[trust]}`).join(''),
    ...(node.blocks.length > 0 ? { blocks: node.blocks.map((ends) => ends.join('')).join('') } : {}),
  };
}

/** All leaves of the customer whose root this is, the root first; of a leaf without a node itself alone. */
export function membersOf(root: Leaf, node: IdentityNode | undefined): Leaf[] {
  return node?.kind === 'root' ? node.members.map(({ leaf }) => leaf) : [root];
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
/** One letter for each place among the members; twice as many as a tree may have. */
const placeLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function unpackMember(text: string): Member {
  const type = identifierTypes.find((candidate) => typeLetters[candidate] === text.charAt(0));
  const leaf = text.slice(1);
  if (type === undefined || !isLeaf(leaf)) throw malformed();
  return { leaf, type };
}

function unpackEdge(text: string, members: readonly Member[]): Edge {
  const [a, b] = [text.charAt(0), text.charAt(1)].map((letter) => members[placeLetters.indexOf(letter)]?.leaf);
  const trust = text.charAt(2) === trustLetters.proven ? 'proven' : 'asserted';
  if (a === undefined || b === undefined) throw malformed();
  return [a, b, trust];
}

function unpackBlock(text: string): Block {
  const [a, b] = [text.slice(0, leafLength), text.slice(leafLength)];
  if (!isLeaf(a) || !isLeaf(b)) throw malformed();
  return [a, b];
}

function cut(text: string, length: number): string[] {
  if (text.length % length !== 0) throw malformed();
  return Array.from({ length: text.length / length }, (_, index) => text.slice(index * length, (index + 1) * length));
}

function malformed(): TypeError {
  return new TypeError('an identity node is malformed');
}
