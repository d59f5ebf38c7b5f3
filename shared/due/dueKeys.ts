import { createHash } from 'node:crypto';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   something becomes due            put if absent   pk D#minute#shard   sk time#id
 *   which minutes of a day have any  query           pk D#day#day        sk minute#shard
 *   what is due in a minute          query           pk D#minute#shard
 *   how far everything is done       get, put        pk D#cursor         sk ~
 */

/** Number of partitions over which one minute is spread. */
const dueShards = 4;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Those of a minute that lie in one shard. */
export interface DueBucket {
  /** Minutes since the epoch. */
  minute: number;
  shard: number;
}

export function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / minuteMs);
}

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}

export function bucketOf(id: string, atMs: number): DueBucket {
  return { minute: minuteOf(atMs), shard: createHash('sha256').update(id).digest().readUInt8(0) % dueShards };
}

export function bucketPartition({ minute, shard }: DueBucket): string {
  return `D#${minute}#${shard}`;
}

/** Place of what is swept at a time, in milliseconds. */
export function dueItemKey(id: string, atMs: number): ItemKey {
  return { pk: bucketPartition(bucketOf(id, atMs)), sk: `${timeText(atMs)}#${id}` };
}

export function readSweepTime({ sk }: ItemKey): number {
  return Number.parseInt(sk.slice(0, 9), 36);
}

/** Says that a bucket is not empty, so that nobody looks into those that are. */
export function bucketMarkerKey(bucket: DueBucket): ItemKey {
  return { pk: dayPartition(dayOf(bucket.minute * minuteMs)), sk: `${markerPrefix(bucket.minute)}${bucket.shard}` };
}

export function dayPartition(day: number): string {
  return `D#day#${day}`;
}

/** The markers of a minute begin with it. */
export function markerPrefix(minute: number): string {
  return `${`${minute}`.padStart(10, '0')}#`;
}

export function readBucketMarker({ sk }: ItemKey): DueBucket {
  const [minute = '', shard = ''] = sk.split('#');
  return { minute: Number(minute), shard: Number(shard) };
}

export const cursorKey: ItemKey = { pk: 'D#cursor', sk: '~' };

function timeText(timeMs: number): string {
  return timeMs.toString(36).padStart(9, '0');
}
