import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { DueItem } from './dueItem.ts';
import type { DueItems, PlacedDueItem } from './dueItems.ts';

/** Done again with each sweep: clocks differ, and a write may have been under way. In milliseconds. */
const overlapMs = 5 * 60 * 1000;
/** Where no sweep was before, and where one was out of work, it looks back so far at most. */
const lookBackMs = 35 * 24 * 60 * 60 * 1000;
const longestStretchMs = 400 * 24 * 60 * 60 * 1000;
/** Items that are done at the same time. */
const concurrency = 10;
/** A sweep begins nothing more after so long; the next one goes on. */
const patienceMs = 40_000;
const firstPostponementMs = 60_000;
const longestPostponementMs = 24 * 60 * 60 * 1000;

export interface SweepPorts {
  due: Omit<DueItems, 'put'>;
  /** What happens when an item is due. Doing it twice must be the same as once. */
  carryOut(item: DueItem): Promise<void>;
  clock: Clock;
  log: Log;
}

/**
 * Carries out what is due, in order of time, and remembers how far it came only afterwards: what breaks off is done
 * again. An item that fails is put off, longer and longer, and holds up no other. It reads minutes that hold something
 * and no others, so that catching up after days costs little more than one sweep. After the clock was turned back it goes
 * on from there: what is written meanwhile is due before the time that it had reached. Returns how many items were done.
 */
export async function sweepDue({ carryOut, clock, due, log }: SweepPorts): Promise<number> {
  const startedMs = clock();
  const cursor = await due.readCursor();
  if (cursor !== undefined && startedMs < cursor - overlapMs) await due.turnBackCursor(startedMs);
  const fromMs = Math.min(cursor ?? startedMs - lookBackMs, startedMs) - overlapMs;
  const toMs = Math.min(startedMs, fromMs + longestStretchMs);
  let done = 0;

  const settle = async (placed: PlacedDueItem): Promise<void> => {
    const { item } = placed;
    try {
      await carryOut(item);
      await due.remove(placed);
      done++;
    } catch (error) {
      log.error('due item failed', error, { id: item.id, kind: item.kind, failures: item.failures + 1 });
      const pauseMs = Math.min(firstPostponementMs * 2 ** item.failures, longestPostponementMs);
      await due.postpone(placed, clock() + pauseMs);
    }
  };

  for (const bucket of await due.listBuckets(fromMs, toMs)) {
    if (clock() - startedMs > patienceMs) {
      await due.advanceCursor(bucket.minute * 60_000);
      return done;
    }
    const { placed, unreadable } = await due.readBucket(bucket);
    for (const item of unreadable) log.warn('due item cannot be read', { ...bucket, item });
    const waiting = placed.filter(({ sweepAtMs }) => sweepAtMs <= toMs).values();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (const one of waiting) await settle(one);
      }),
    );
  }
  await due.advanceCursor(toMs);
  return done;
}
