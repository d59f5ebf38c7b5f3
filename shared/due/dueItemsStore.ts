import type { Clock } from '../platform/clock.ts';
import { type Item, isNew, type QueryRange, type Table } from '../platform/table.ts';
import { type DueItem, dueItemSchema } from './dueItem.ts';
import type { DueItems, PlacedDueItem } from './dueItems.ts';
import {
  bucketMarkerKey,
  bucketOf,
  bucketPartition,
  cursorKey,
  dayOf,
  dayPartition,
  dueItemKey,
  markerPrefix,
  minuteOf,
  readBucketMarker,
  readSweepTime,
} from './dueKeys.ts';

/** Nobody sweeps longer ago than this. */
const markerLifetimeSeconds = 400 * 24 * 60 * 60;

/** Keeps due items in the table. By the clock, what is overdue when it is written is due now: no sweep looks back far. */
export function createDueItemsStore(table: Table, clock: Clock): DueItems {
  /** The marker comes first: an item without one would never be found, a marker without an item is looked at in vain. */
  async function place(item: DueItem, sweepAtMs: number): Promise<void> {
    const bucket = bucketOf(item.id, sweepAtMs);
    await table.put({
      ...bucketMarkerKey(bucket),
      entity: 'due-bucket',
      schemaVersion: 1,
      expiresAtSeconds: Math.floor(sweepAtMs / 1000) + markerLifetimeSeconds,
    });
    await table.put({ ...dueItemKey(item.id, sweepAtMs), entity: 'due-item', schemaVersion: 1, ...item }, isNew);
  }
  const remove = async ({ item, sweepAtMs }: PlacedDueItem) =>
    void (await table.transact([{ delete: dueItemKey(item.id, sweepAtMs) }]));

  async function putCursor(untilMs: number, expression: string): Promise<void> {
    const item = { ...cursorKey, entity: 'due-cursor', schemaVersion: 1, doneUntilMs: untilMs };
    await table.put(item, { expression, values: { ':until': untilMs } });
  }

  async function readAll(range: Omit<QueryRange, 'limit' | 'descending' | 'consistent'>): Promise<Item[]> {
    const found: Item[] = [];
    for (let from: string | undefined = range.from; from !== undefined; ) {
      const { items, more } = await table.query({ ...range, from, consistent: true });
      found.push(...items);
      const last = items.at(-1);
      from = more && last ? `${last.sk}!` : undefined;
    }
    return found;
  }

  return {
    put: (item) => place(item, Math.max(item.dueMs, clock())),
    async postpone(placed, toMs) {
      await place({ ...placed.item, failures: placed.item.failures + 1 }, toMs);
      await remove(placed);
    },
    remove,
    async listBuckets(fromMs, toMs) {
      const days = Array.from({ length: dayOf(toMs) - dayOf(fromMs) + 1 }, (_, index) => dayOf(fromMs) + index);
      const bounds = { from: markerPrefix(minuteOf(fromMs)), to: `${markerPrefix(minuteOf(toMs))}~` };
      const markers: Item[] = [];
      for (const day of days) markers.push(...(await readAll({ pk: dayPartition(day), ...bounds })));
      return markers.map(readBucketMarker);
    },
    async readBucket(bucket) {
      const items = await readAll({ pk: bucketPartition(bucket), from: '0', to: '~' });
      const read = items.map((item) => ({ ...dueItemSchema.safeParse(item), key: item }));
      return {
        placed: read.flatMap(({ data, key }) => (data ? [{ item: data, sweepAtMs: readSweepTime(key) }] : [])),
        unreadable: read.flatMap(({ error, key }) => (error ? [key.sk] : [])),
      };
    },
    async readCursor() {
      const cursor = await table.get(cursorKey, { consistent: true });
      return typeof cursor?.doneUntilMs === 'number' ? cursor.doneUntilMs : undefined;
    },
    advanceCursor: (toMs) => putCursor(toMs, 'attribute_not_exists(pk) OR doneUntilMs < :until'),
    turnBackCursor: (toMs) => putCursor(toMs, 'doneUntilMs > :until'),
  };
}
