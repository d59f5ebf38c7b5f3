import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';
import { interactionItemKey, readInteractionId } from '../timeline/timelineKeys.ts';

/*
 * Access patterns
 *   a leaf's open conversations        query with the head   pk L#leaf           sk ~v#conversation
 *   a conversation by id               batch get             pk L#leaf           sk ~v#conversation   (five per leaf)
 *                                                       or   pk V#conversation   sk ~                 (the others)
 *   a conversation's messages          query                 pk V#conversation   sk arrival
 *   a message states its conversation  update                pk L#leaf           sk E#…
 *   how far a customer has read        put, batch get        pk V#conversation   sk ~r#reader
 *   conversations of a status          query index "inbox"   status#shard        by waiting since
 */

/** Number of partitions over which the inbox of one status is spread. */
export const inboxShards = 4;
export const inboxIndex = 'inbox';

export const leafCardPrefix = '~v#';

export function leafCardKey(leaf: Leaf, conversationId: string): ItemKey {
  return { pk: `L#${leaf}`, sk: `${leafCardPrefix}${conversationId}` };
}

export function movedCardKey(conversationId: string): ItemKey {
  return { pk: conversationPartition(conversationId), sk: '~' };
}

export function conversationPartition(conversationId: string): string {
  return `V#${conversationId}`;
}

/** The leaf that keeps a message, and with its opening one a conversation; undefined for what is no message's id. */
export function leafOfMessage(messageId: string): Leaf | undefined {
  return readInteractionId(messageId)?.leaf;
}

export function messageKey(messageId: string): ItemKey {
  const key = readInteractionId(messageId);
  if (key === undefined) throw new TypeError('a message has a malformed id');
  return interactionItemKey(key);
}

/**
 * Place of a message in its conversation's order of arrival, and the sort key of its pointer: the time of receipt in
 * base 36 (nine digits), then the message's id.
 */
export function arrivalOf(message: { id: string; receivedAtMs: number }): string {
  return `${arrivalTime(message.receivedAtMs)}#${message.id}`;
}

/** The first arrival possible at a time; sorts before every message of that millisecond. */
export function arrivalTime(receivedAtMs: number): string {
  return Math.max(0, receivedAtMs).toString(36).padStart(9, '0');
}

export function pointerKey(conversationId: string, arrival: string): ItemKey {
  return { pk: conversationPartition(conversationId), sk: arrival };
}

export const readMarkPrefix = '~r#';

/** How far a reader has read a conversation; after the card. */
export function readMarkKey(conversationId: string, reader: string): ItemKey {
  return { pk: conversationPartition(conversationId), sk: `${readMarkPrefix}${reader}` };
}

export function readMarkRange(conversationId: string): { pk: string; from: string; to: string } {
  return { pk: conversationPartition(conversationId), from: readMarkPrefix, to: `${readMarkPrefix}\uffff` };
}

/** After every arrival, before the card. */
export const afterLastArrival = 'zzzzzzzzz$';

export function inboxPartition(status: string, shard: number): string {
  return `${status}#${shard}`;
}
