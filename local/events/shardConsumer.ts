import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { type Bell, createBell, type Lifetime, messageOf } from './lifetime.ts';
import { type ShardProgress, trackProgress } from './shardProgress.ts';
import type { ShardReader } from './shardReader.ts';
import type { StreamRecord } from './streamRecords.ts';

/** What consuming one shard needs from around it. */
export interface ShardConsumption {
  reader: ShardReader;
  lifetime: Lifetime;
  log(line: string): void;
  batchSize: number;
  windowMs: number;
  lanes: number;
  toRecord(record: _Record): StreamRecord;
  /** Records that fail the filters count as done. */
  passes(record: StreamRecord): boolean;
  /** The item whose records are kept in order when several batches are under way. */
  itemOf(record: StreamRecord): string;
  deliver(batch: readonly StreamRecord[], done: (records: readonly StreamRecord[]) => void): Promise<void>;
  /** Everything up to this sequence number is done. */
  advance(sequenceNumber: string): void;
}

export interface ShardConsumer {
  /** Resolves when the shard was read to its end and all is done (a shard that was split or closed), or at the lifetime's end. */
  finished: Promise<void>;
  /** Looks for records now rather than at the next poll. */
  wake(): void;
  /** Resolves when a look at the shard that began after this call found nothing new and nothing is outstanding. */
  settled(): Promise<void>;
}

interface Lane {
  pending: { record: StreamRecord; since: number }[];
  bell: Bell;
}

/** Where writes follow each other, one read for several of them: each read holds up the engine's next write. */
const gatherMs = 15;
const fullBuffer = 2000;
const mostBytes = 3_000_000;

/** Reads a shard and delivers its records in batches, in order per lane; the lane follows from the item. */
export function consumeShard(consumption: ShardConsumption): ShardConsumer {
  const { lifetime } = consumption;
  const progress = trackProgress(consumption.advance);
  const bell = createBell(lifetime);
  const room = createBell(lifetime);
  const lanes = Array.from({ length: consumption.lanes }, (): Lane => ({ pending: [], bell: createBell(lifetime) }));
  const looks = { begun: 0, lastEmpty: 0, closed: false };
  let woken = false;

  function take(page: readonly _Record[]): void {
    for (const raw of page) {
      const record = consumption.toRecord(raw);
      const { SequenceNumber } = record.dynamodb;
      progress.add(SequenceNumber);
      if (!consumption.passes(record)) {
        progress.done(SequenceNumber);
        continue;
      }
      const lane = lanes[lanes.length > 1 ? hash(consumption.itemOf(record)) % lanes.length : 0];
      lane?.pending.push({ record, since: performance.now() });
      lane?.bell.ring();
    }
  }

  async function read(): Promise<void> {
    let lastActiveAt = performance.now();
    let failures = 0;
    while (!lifetime.ended && !looks.closed) {
      if (progress.outstanding() >= fullBuffer) await room.wait(1000);
      else {
        looks.begun += 1;
        const page = await consumption.reader.next(lifetime.signal).catch((error: unknown) => {
          if (failures === 0 && !lifetime.ended) consumption.log(`reading failed, trying again: ${messageOf(error)}`);
          failures += 1;
          return undefined;
        });
        if (page === undefined) await lifetime.wait(Math.min(5_000, 100 * 2 ** failures));
        else {
          failures = 0;
          take(page.records);
          looks.closed = page.ended;
          if (page.records.length > 0) {
            lastActiveAt = performance.now();
            await lifetime.wait(gatherMs);
          } else {
            looks.lastEmpty = looks.begun;
            await bell.wait(idleMs(performance.now() - lastActiveAt, woken));
          }
        }
      }
    }
    for (const lane of lanes) lane.bell.ring();
  }

  async function work(lane: Lane): Promise<void> {
    while (!lifetime.ended) {
      if (lane.pending.length === 0 && looks.closed) return;
      if (lane.pending.length === 0) {
        await lane.bell.wait(Number.POSITIVE_INFINITY);
        continue;
      }
      const batch = await gather(lane, consumption);
      await consumption.deliver(batch, (records) => {
        for (const record of records) progress.done(record.dynamodb.SequenceNumber);
        room.ring();
      });
    }
  }

  return {
    finished: Promise.all([read(), ...lanes.map(work)]).then(() => undefined),
    wake: () => {
      woken = true;
      bell.ring();
    },
    settled: () => settle(lifetime, bell, looks, progress),
  };
}

/** Waits until a full batch is there or its oldest record has waited for the window. */
async function gather(lane: Lane, consumption: ShardConsumption): Promise<StreamRecord[]> {
  const { batchSize, windowMs, lifetime } = consumption;
  const oldest = lane.pending[0]?.since ?? 0;
  while (!lifetime.ended && lane.pending.length < batchSize) {
    const leftMs = oldest + windowMs - performance.now();
    if (leftMs <= 0) break;
    await lane.bell.wait(leftMs);
  }
  let bytes = 0;
  let count = 0;
  for (const { record } of lane.pending.slice(0, batchSize)) {
    bytes += record.dynamodb.SizeBytes;
    if (count > 0 && bytes > mostBytes) break;
    count += 1;
  }
  return lane.pending.splice(0, count).map(({ record }) => record);
}

/**
 * Often while there is traffic, seldom when there is none: a poll costs about a millisecond of processor time. Where
 * somebody tells of writes, polls are only for those that nobody told of.
 */
function idleMs(quietForMs: number, woken: boolean): number {
  if (woken) return 250;
  if (quietForMs < 1_000) return 5;
  return quietForMs < 15_000 ? 20 : 100;
}

async function settle(
  lifetime: Lifetime,
  bell: Bell,
  looks: { begun: number; lastEmpty: number; closed: boolean },
  progress: ShardProgress,
): Promise<void> {
  const before = looks.begun;
  while (!lifetime.ended) {
    if ((looks.closed || looks.lastEmpty > before) && progress.outstanding() === 0) return;
    // One look that begins now is enough: after one that found something, the next follows by itself.
    if (looks.begun === before) bell.ring();
    await lifetime.wait(5);
  }
}

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index++) value = (Math.imul(value, 31) + text.charCodeAt(index)) >>> 0;
  return value;
}
