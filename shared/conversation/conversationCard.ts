import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type ConversationStatus, conversationStatusSchema } from '../contracts/conversation.ts';
import { channelSchema } from '../contracts/interaction.ts';
import { endedWithSchema } from '../contracts/widget.ts';
import type { Item } from '../platform/table.ts';
import { inboxPartition, inboxShards, leafCardKey, leafCardPrefix, movedCardKey } from './conversationKeys.ts';

const shownSchema = z.object({
  conversationId: z.string(),
  /** The leaf whose conversation it is. */
  customerId: z.string(),
  name: z.string().optional(),
  status: conversationStatusSchema,
  channel: channelSchema,
  subject: z.string().optional(),
  endedWith: endedWithSchema,
  owes: z.enum(['us', 'customer', 'nobody']),
  waitingSince: z.iso.datetime().optional(),
});

/** What an inbox row holds; the index projects nothing else. */
export type ConversationCard = z.infer<typeof shownSchema>;

const foldedSchema = shownSchema.extend({
  /** Position of the newest message that was not late, for rule `open`; absent where all were. */
  activePosition: z.string().optional(),
  /** Arrival of the last message. */
  lastArrival: z.string(),
  /** Position of the newest message of the whole leaf when the card was written. */
  newestPosition: z.string(),
  /** Messages that answers of this leaf refer to and that were not on the leaf when the card was written. */
  awaitedAnchors: z.array(z.string()).default([]),
  version: z.number().int(),
});

/** A card with what the projection needs to go on from it. */
export type FoldedCard = z.infer<typeof foldedSchema>;

/** Where a card lies: with its leaf's head, or by itself. */
export type CardPlace = 'leaf' | 'moved';

export function readCardItem(item: Item): ConversationCard {
  return shownSchema.parse(item);
}

export function readFoldedCardItem(item: Item): FoldedCard {
  return foldedSchema.parse(item);
}

/** The cards among the items that lie beside a head. */
export function leafCards(items: readonly Item[]): FoldedCard[] {
  return items.filter((item) => item.sk.startsWith(leafCardPrefix)).map(readFoldedCardItem);
}

export function toCardItem(card: FoldedCard, place: CardPlace): Item {
  const { conversationId, customerId, status, waitingSince, lastArrival } = card;
  const key = place === 'leaf' ? leafCardKey(customerId, conversationId) : movedCardKey(conversationId);
  return {
    ...key,
    entity: 'conversation',
    schemaVersion: 1,
    ...card,
    inboxStatus: inboxStatusOf(status, conversationId),
    inboxSince: waitingSince ?? timeOfArrival(lastArrival),
  };
}

export function inboxStatusOf(status: ConversationStatus, conversationId: string): string {
  const shard = createHash('sha256').update(conversationId).digest().readUInt8(0) % inboxShards;
  return inboxPartition(status, shard);
}

function timeOfArrival(arrival: string): string {
  return new Date(Number.parseInt(arrival.slice(0, 9), 36)).toISOString();
}

/** Most recently arrived message first. */
export function byLastArrival(one: FoldedCard, other: FoldedCard): number {
  return one.lastArrival < other.lastArrival ? 1 : one.lastArrival > other.lastArrival ? -1 : 0;
}
