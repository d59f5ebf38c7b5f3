import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   append one interaction            put            pk L#leaf   sk E#… or B#…
 *   a leaf's interactions, newest     query          pk L#leaf   sk E#… and sk B#…, descending
 *   recognise a message without time  put, transact  pk K#hash   sk ~
 */

/**
 * Behaviour that comes in masses (`B`: views, opens, clicks, unnamed events) lies apart from events that tell a story
 * (`E`), so that folding and showing the story never reads the masses.
 */
export type KeyClass = 'B' | 'E';

const behaviour = new Set(['page.viewed', 'screen.viewed', 'event.tracked', 'email.opened', 'email.clicked']);

/**
 * The class is part of the key, so this list is frozen: a type that existed as `B` stays `B`, or a retry across two
 * versions of the platform would be stored twice.
 */
export function keyClassOf(type: string): KeyClass {
  return behaviour.has(type) ? 'B' : 'E';
}

/** Place of an interaction on its leaf: time, then message. Sorts as text in time order. */
export interface TimelinePosition {
  occurredAtMs: number;
  /** 16 base64url characters. */
  messageHash: string;
}

/** Full place of an interaction; its id says the same. */
export interface TimelineKey extends TimelinePosition {
  leaf: Leaf;
  keyClass: KeyClass;
}

const timeDigits = 9;
/** Largest time that fits nine base-36 digits: the year 5188. */
export const latestTimeMs = 36 ** timeDigits - 1;

export function messageHashOf(source: string, messageId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([source, messageId]))
    .digest('base64url')
    .slice(0, 16);
}

/** Position as text that sorts in time order: `0mhp3k2qf#Zk3…`. */
export function positionText({ occurredAtMs, messageHash }: TimelinePosition): string {
  return `${occurredAtMs.toString(36).padStart(timeDigits, '0')}#${messageHash}`;
}

export function readPosition(text: string): TimelinePosition | undefined {
  const match = /^([0-9a-z]{9})#([\w-]{16})$/.exec(text);
  return match?.[1] && match[2] ? { occurredAtMs: Number.parseInt(match[1], 36), messageHash: match[2] } : undefined;
}

export function leafPartition(leaf: Leaf): string {
  return `L#${leaf}`;
}

export function interactionItemKey(key: TimelineKey): ItemKey {
  return { pk: leafPartition(key.leaf), sk: `${key.keyClass}#${positionText(key)}` };
}

export function readInteractionItemKey({ pk, sk }: ItemKey): TimelineKey | undefined {
  const keyClass = sk.slice(0, 2) === 'E#' ? 'E' : sk.slice(0, 2) === 'B#' ? 'B' : undefined;
  const position = readPosition(sk.slice(2));
  return keyClass && position && pk.startsWith('L#') ? { leaf: pk.slice(2), keyClass, ...position } : undefined;
}

/** The public id of an interaction: opaque to callers, but it embeds leaf and key, so reading by id needs no index. */
export function interactionId(key: TimelineKey): string {
  return `${key.leaf}.${key.keyClass}${positionText(key).replace('#', '.')}`;
}

export function readInteractionId(id: string): TimelineKey | undefined {
  const match = /^([\w-]{22})\.([BE])([0-9a-z]{9})\.([\w-]{16})$/.exec(id);
  const [, leaf, keyClass, time, messageHash] = match ?? [];
  if (!leaf || !keyClass || !time || !messageHash) return undefined;
  return { leaf, keyClass: keyClass as KeyClass, occurredAtMs: Number.parseInt(time, 36), messageHash };
}

export const interactionIdSchema = z.string().refine((id) => readInteractionId(id) !== undefined);

/** Remembers for 30 days where a message without a time of its own was stored. */
export function guardItemKey(messageHash: string, leaf: Leaf): ItemKey {
  return { pk: `K#${createHash('sha256').update(`${leaf}|${messageHash}`).digest('base64url').slice(0, 22)}`, sk: '~' };
}
