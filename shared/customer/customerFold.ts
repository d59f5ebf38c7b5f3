import type { ConversationCard } from '../conversation/conversationCard.ts';
import { concernsConversations } from '../conversation/conversationStory.ts';
import type { Leaf } from '../identity/leaf.ts';
import { type Head, mergeHeads } from './head.ts';
import { listedOfCustomer, mergeIdentifiers } from './identifierList.ts';

/** A leaf of a customer as it was when the customer was folded. */
export interface FoldedMember {
  leaf: Leaf;
  /** Of its head; 0 for a leaf that has none. */
  version: number;
  /** How many messages its head knew. */
  messages: number;
}

/** What all leaves of a linked customer add up to. */
export interface CustomerFold {
  /** Of the root's identity node. */
  epoch: number;
  members: FoldedMember[];
  /** The heads of all leaves as one; what it shows names its leaf. */
  head: Head;
  /** The conversations at hand, the latest activity first. */
  cards: ConversationCard[];
}

/** A leaf with its head. */
export interface MemberHead {
  leaf: Leaf;
  head: Head;
}

/**
 * The heads of a customer's leaves as one. The result is for reading: it recognises no interaction that comes again.
 * Undefined where there are none.
 */
export function mergeMemberHeads(members: readonly MemberHead[]): Head | undefined {
  const [first, ...others] = [...members].sort((one, other) => (one.leaf < other.leaf ? -1 : 1)).map(withLeaf);
  if (first === undefined) return undefined;
  const { mark: _mark, ...merged } = others.reduce(mergeHeads, first);
  const identifiers = members
    .map(({ head }) => head.identifiers)
    .reduce((one, other) => mergeIdentifiers(one, other, listedOfCustomer), []);
  return { ...merged, identifiers, remembered: [] };
}

/** How many of a head's interactions may be messages of a conversation, notes or commands. */
export function messageCount(head: Head | undefined): number {
  return Object.entries(head?.byType ?? {}).reduce(
    (sum, [type, count]) => sum + (concernsConversations(type) ? count : 0),
    0,
  );
}

function withLeaf({ leaf, head }: MemberHead): Head {
  const { mark: _mark, ...rest } = head;
  return { ...rest, shown: head.shown.map((interaction) => ({ ...interaction, leaf })), remembered: [] };
}
