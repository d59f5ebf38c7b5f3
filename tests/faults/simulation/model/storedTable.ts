import { createHash, createHmac } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { type Attributes, plain } from '../expressions.ts';

/*
 * The model's own reading of a table. Nothing in this folder imports from `shared/`: what both get wrong in the same way
 * would pass.
 */

export interface StatedIdentifier {
  type: string;
  value: string;
  trust: string;
}

/** An interaction as it lies in the table. */
export interface Stored {
  id: string;
  leaf: string;
  /** Of its key: time and hash; sorts in time order. */
  position: string;
  messageHash: string;
  keyClass: string;
  occurredAtMs: number;
  receivedAtMs: number;
  type: string;
  channel: string;
  direction: string;
  source: string;
  trust: string;
  identifiers: StatedIdentifier[];
  text: string;
  properties: Record<string, unknown>;
  conversationId: string | undefined;
  reason: string | undefined;
}

/** A node of an identity tree. */
export interface StoredNode {
  leaf: string;
  epoch: number;
  parent: string | undefined;
  members: { leaf: string; type: string }[];
  edges: { a: string; b: string; isProven: boolean }[];
  blocks: [string, string][];
  /** Of a root: leaves beyond its customer's limits, and what they hang on. */
  beyond: Pick<StoredNode, 'members' | 'edges'>;
}

export interface StoredTable {
  interactions: Stored[];
  nodes: Map<string, StoredNode>;
  /** Cards by conversation, and where each lies. */
  cards: Map<string, Record<string, unknown>[]>;
  /** Messages by conversation, in the order of their pointers. */
  pointers: Map<string, string[]>;
}

export function readStoredTable(items: readonly Attributes[]): StoredTable {
  const table: StoredTable = { interactions: [], nodes: new Map(), cards: new Map(), pointers: new Map() };
  const read = items.map(plain);
  const beyond = new Map(
    read.flatMap((item) => (item.sk === '~i2' ? [[`${item.pk} ${item.epoch}`, readBeyond(item)]] : [])),
  );
  for (const item of read) {
    const stored = readStored(item);
    if (stored) table.interactions.push(stored);
    if (item.entity === 'identity-node' && item.sk === '~i') {
      const node = readNode(item, beyond.get(`${item.pk} ${item.overflowEpoch}`));
      table.nodes.set(node.leaf, node);
    }
    if (item.entity === 'conversation') {
      const name = String(item.conversationId);
      table.cards.set(name, [...(table.cards.get(name) ?? []), item]);
    }
    if (item.entity === 'message-pointer') {
      const name = String(item.pk).slice(2);
      table.pointers.set(name, [...(table.pointers.get(name) ?? []), String(item.sk)]);
    }
  }
  for (const arrivals of table.pointers.values()) arrivals.sort();
  return table;
}

/** An interaction, if the item is one. */
export function readStored(item: Record<string, unknown>): Stored | undefined {
  if (item.entity !== 'interaction') return undefined;
  const [keyClass = '', time = '', messageHash = ''] = String(item.sk).split('#');
  const leaf = String(item.pk).slice(2);
  const text = item.content instanceof Uint8Array ? inflateRawSync(item.content).toString() : String(item.content);
  const content = JSON.parse(text);
  return {
    id: `${leaf}.${keyClass}${time}.${messageHash}`,
    leaf,
    position: `${time}#${messageHash}`,
    messageHash,
    keyClass,
    occurredAtMs: Number.parseInt(time, 36),
    receivedAtMs: Date.parse(String(item.receivedAt)),
    type: String(item.type),
    channel: content.channel,
    direction: content.direction,
    source: content.source,
    trust: content.trust,
    identifiers: content.identifiers,
    text: content.text ?? '',
    properties: content.properties,
    conversationId: item.conversationId === undefined ? undefined : String(item.conversationId),
    reason: item.continuity === undefined ? undefined : String(item.continuity),
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_!#$%&()*+,./:;<=>?@[]^`{|}~';
const typeOfLetter: Record<string, string> = {
  u: 'userId',
  e: 'email',
  p: 'phone',
  x: 'externalId',
  a: 'anonymousId',
};

function readNode(item: Record<string, unknown>, beyond: StoredNode['beyond'] | undefined): StoredNode {
  const members = readMembers(item.members);
  return {
    leaf: String(item.pk).slice(2),
    epoch: Number(item.epoch),
    parent: item.parent === undefined ? undefined : String(item.parent),
    members,
    edges: readEdges(
      item.edges,
      members.map(({ leaf }) => leaf),
    ),
    blocks: (String(item.blocks ?? '').match(/.{44}/g) ?? []).map((text) => [text.slice(0, 22), text.slice(22)]),
    beyond: beyond ?? { members: [], edges: [] },
  };
}

function readBeyond(item: Record<string, unknown>): StoredNode['beyond'] {
  const members = readMembers(item.members);
  const anchors = String(item.anchors).match(/.{22}/g) ?? [];
  return { members, edges: readEdges(item.edges, [...members.map(({ leaf }) => leaf), ...anchors]) };
}

function readMembers(members: unknown): StoredNode['members'] {
  return (String(members ?? '').match(/.{23}/g) ?? []).map((text) => ({
    type: typeOfLetter[text.charAt(0)] ?? 'none',
    leaf: text.slice(1),
  }));
}

function readEdges(edges: unknown, leaves: readonly string[]): StoredNode['edges'] {
  const leafAt = (letter: string) => leaves[letters.indexOf(letter)] ?? 'nobody';
  return (String(edges ?? '').match(/.{3}/g) ?? []).map((text) => ({
    a: leafAt(text.charAt(0)),
    b: leafAt(text.charAt(1)),
    isProven: text.charAt(2) === 'p',
  }));
}

/** The partition of an identifier, as the design has it. */
export function leafOf(type: string, value: string, isClaimed = false): string {
  const text = `${isClaimed ? 'claim:' : ''}${type}|${value}`;
  return createHmac('sha256', Buffer.alloc(32, 'a pepper of the simulation'))
    .update(text)
    .digest('base64url')
    .slice(0, 22);
}

export function hashOf(source: string, messageId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([source, messageId]))
    .digest('base64url')
    .slice(0, 16);
}
