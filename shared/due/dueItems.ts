import type { DueItem } from './dueItem.ts';
import type { DueBucket } from './dueKeys.ts';

/** A due item where it lies. */
export interface PlacedDueItem {
  item: DueItem;
  /** When it is swept, in milliseconds: when it is due, or when it was written if that was later. */
  sweepAtMs: number;
}

/** What is due when; `dueItemsStore.ts` keeps it in the table. */
export interface DueItems {
  /** Writing it again changes nothing; once it was due and is done, it is done again. Two write units. */
  put(item: DueItem): Promise<void>;
  /** Puts it off to another time. */
  postpone(placed: PlacedDueItem, toMs: number): Promise<void>;
  remove(placed: PlacedDueItem): Promise<void>;
  /** Buckets between two times that may hold something, in order of time: one query for each day. */
  listBuckets(fromMs: number, toMs: number): Promise<DueBucket[]>;
  /** `unreadable` are the sort keys of items that are none. */
  readBucket(bucket: DueBucket): Promise<{ placed: PlacedDueItem[]; unreadable: string[] }>;
  /** Up to when everything is done, in milliseconds; undefined before the first sweep. */
  readCursor(): Promise<number | undefined>;
  /** Never goes back. */
  advanceCursor(toMs: number): Promise<void>;
  /** Never goes on. */
  turnBackCursor(toMs: number): Promise<void>;
}
