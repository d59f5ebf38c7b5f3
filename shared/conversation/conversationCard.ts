import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  type ConversationStatus,
  type ConversationSummary,
  conversationSummarySchema,
} from '../contracts/conversation.ts';
import type { Item, ItemKey } from '../platform/table.ts';
import {
  inboxPartition,
  inboxShards,
  leafCardKey,
  leafCardPrefix,
  leafOfMessage,
  movedCardKey,
} from './conversationKeys.ts';

/** What an inbox row holds, which is what the API shows of it; the index projects nothing else. */
export type ConversationCard = ConversationSummary;

const foldedSchema = conversationSummarySchema.extend({
  /** Position of the newest message that was not late, for rule `open`; absent where all were. */
  activePosition: z.string().optional(),
  /** The leaf from which the customer last wrote in the widget; absent where they never did. */
  widgetLeaf: z.string().optional(),
  /** Arrival of the last message, not counting notes. */
  lastArrival: z.string(),
  /** The last arrival of anything that concerns it; cards from before there were commands have none. */
  heardUpTo: z.string().default(''),
  /** Our last message in it: what the next mail most likely says that it answers. */
  lastAnswer: z.string().optional(),
  /** By the order of positions it was resolved and nobody has spoken since, so nothing continues it. */
  isClosed: z.literal(true).optional(),
  /** Id of the command that snoozed it, while it is. */
  snooze: z.string().optional(),
  /** Position of the customer's newest message when the card was written. */
  newestPosition: z.string(),
  /** Messages that answers to the customer refer to and that were not there when the card was written. */
  awaitedAnchors: z.array(z.string()).default([]),
  version: z.number().int(),
});

/** A card with what the projection needs to go on from it. */
export type FoldedCard = z.infer<typeof foldedSchema>;

/** Number of a customer's conversations that lie with the heads of their leaves; the others lie by themselves. */
export const cardsAtHand = 5;

/** Where a card lies: with the head of the leaf that keeps the opening message, or by itself. */
export type CardPlace = 'leaf' | 'moved';

export function readCardItem(item: Item): ConversationCard {
  return conversationSummarySchema.parse(item);
}

export function readFoldedCardItem(item: Item): FoldedCard {
  return foldedSchema.parse(item);
}

/** The cards among the items that lie beside a head. */
export function leafCards(items: readonly Item[]): FoldedCard[] {
  return items.filter((item) => item.sk.startsWith(leafCardPrefix)).map(readFoldedCardItem);
}

export function toCardItem(card: FoldedCard, place: CardPlace): Item {
  const { conversationId, status, waitingSince, lastArrival } = card;
  return {
    ...cardKey(conversationId, place),
    entity: 'conversation',
    schemaVersion: 1,
    ...card,
    inboxStatus: inboxStatusOf(status, conversationId),
    inboxSince: waitingSince ?? timeOfArrival(lastArrival),
  };
}

export function cardKey(conversationId: string, place: CardPlace): ItemKey {
  if (place === 'moved') return movedCardKey(conversationId);
  const leaf = leafOfMessage(conversationId);
  if (leaf === undefined) throw new TypeError('a conversation has a malformed id');
  return leafCardKey(leaf, conversationId);
}

export function inboxStatusOf(status: ConversationStatus, conversationId: string): string {
  const shard = createHash('sha256').update(conversationId).digest().readUInt8(0) % inboxShards;
  return inboxPartition(status, shard);
}

function timeOfArrival(arrival: string): string {
  return new Date(Number.parseInt(arrival.slice(0, 9), 36)).toISOString();
}

/** Most recently arrived message first. */
export function byLastArrival(one: Pick<FoldedCard, 'lastArrival'>, other: Pick<FoldedCard, 'lastArrival'>): number {
  return one.lastArrival < other.lastArrival ? 1 : one.lastArrival > other.lastArrival ? -1 : 0;
}
