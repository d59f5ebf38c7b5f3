import type { Pause } from '../../../shared/platform/pause.ts';
import type { FailedChange, ItemChange } from '../../../shared/platform/stream.ts';
import type { Table } from '../../../shared/platform/table.ts';
import type { Chance } from './chance.ts';
import { plain } from './expressions.ts';
import type { Weather } from './history.ts';
import type { ImageChange } from './memoryDynamo.ts';
import type { Process, Processes } from './processes.ts';

type Consume = (changes: ItemChange[]) => Promise<FailedChange[]>;

/** A change on its way to a consumer. */
interface Delivery {
  number: number;
  change: ItemChange;
  /** Key of the item: only its changes keep their order. */
  item: string;
  isRepeated: boolean;
}

/** One stream consumer: several instances of its function, fed side by side from whatever there is to tell. */
export interface Consumer {
  /** Takes over what the table has told since. */
  hear(changes: readonly ImageChange[]): void;
  /** Whether a batch could be handed over now. */
  isReady(): boolean;
  /** Hands a batch over to one more instance; it goes on by itself. */
  start(): void;
  isRunning(): boolean;
  isIdle(): boolean;
  /** What has been handed over, to be handed over again. */
  recall(share: number): void;
}

/** Instances that run at the same time: more than one may be fed with one leaf. */
const mostInstances = 3;

export function createConsumer(
  name: string,
  {
    accepts,
    chance,
    create,
    processes,
    report,
    weather,
  }: {
    accepts: (change: ImageChange) => boolean;
    chance: Chance;
    create: (table: Table, pause: Pause) => Consume;
    processes: Processes;
    /** Told of whatever an invocation failed with. */
    report: (error: unknown) => void;
    weather: () => Weather;
  },
): Consumer {
  let pending: Delivery[] = [];
  const delivered: Delivery[] = [];
  const flying = new Set<string>();
  const free: { current: Process; consume: Consume }[] = [];
  let heard = 0;
  let running = 0;
  let invocations = 0;

  function createInstance() {
    const instance = { current: newProcess('nobody') };
    const table = processes.tableOf(() => instance.current);
    return Object.assign(instance, {
      consume: create(
        table,
        processes.pauseOf(() => instance.current),
      ),
    });
  }

  /** The next changes, or some of them: never one whose item has an older change on its way. */
  function nextBatch(): Delivery[] {
    const { isOrderly, mostPerBatch } = weather();
    const size = chance.between(1, mostPerBatch);
    const blocked = new Set(flying);
    const batch: Delivery[] = [];
    for (const delivery of pending) {
      if (batch.length === size) break;
      if (!delivery.isRepeated && blocked.has(delivery.item)) continue;
      if (isOrderly || chance.happens(0.6)) batch.push(delivery);
      else blocked.add(delivery.item);
    }
    return batch;
  }

  async function run(batch: Delivery[]): Promise<void> {
    const instance = free.pop() ?? createInstance();
    instance.current = newProcess(`${name}-${invocations++}`);
    let kept: Delivery[] = [];
    try {
      const failed = await instance.consume(batch.map(({ change }) => change));
      // The mapping goes back to the earliest failure and tells everything from there on again.
      const first = Math.min(...failed.map(({ sequenceNumber }) => Number(sequenceNumber)));
      kept = batch.filter(({ number }) => number >= first);
      for (const { error } of failed) report(error);
    } catch (error) {
      report(error);
      kept = batch;
    }
    if (instance.current.hasEnded) kept = batch;
    else free.push(instance);
    const done = batch.filter((delivery) => !kept.includes(delivery));
    delivered.push(...done.filter(({ isRepeated }) => !isRepeated));
    for (const { item, isRepeated } of batch) if (!isRepeated) flying.delete(item);
    const again = done.filter(() => chance.happens(weather().repetition));
    pending = [...pending, ...kept, ...again.map((one) => ({ ...one, isRepeated: true }))].sort(byNumber);
    running--;
  }

  return {
    hear(changes) {
      for (; heard < changes.length; heard++) {
        const change = changes[heard];
        if (change === undefined || !accepts(change)) continue;
        const { newImage, oldImage } = change;
        const key = newImage ?? oldImage;
        pending.push({
          number: heard,
          item: `${key?.pk?.S} ${key?.sk?.S}`,
          isRepeated: false,
          change: {
            sequenceNumber: String(heard),
            newImage: newImage && plain(newImage),
            oldImage: oldImage && plain(oldImage),
          },
        });
      }
    },
    isReady: () => running < mostInstances && pending.some((one) => one.isRepeated || !flying.has(one.item)),
    start() {
      const batch = nextBatch();
      if (batch.length === 0) return;
      pending = pending.filter((delivery) => !batch.includes(delivery));
      for (const { item, isRepeated } of batch) if (!isRepeated) flying.add(item);
      running++;
      void run(batch);
    },
    isRunning: () => running > 0,
    isIdle: () => running === 0 && pending.length === 0,
    recall(share) {
      pending = [
        ...pending,
        ...delivered.filter(() => chance.happens(share)).map((one) => ({ ...one, isRepeated: true })),
      ].sort(byNumber);
    },
  };
}

export function newProcess(name: string): Process {
  return { name, requests: 0, hasEnded: false };
}

function byNumber(one: Delivery, other: Delivery): number {
  return one.number - other.number;
}
