import type { Leaf } from '../identity/leaf.ts';
import type { Clock } from '../platform/clock.ts';
import { UndecodableError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { FailedChange, ItemChange } from '../platform/stream.ts';
import { afterFailure, type LeafFailure, type ParkedLeaf } from './parkedLeaf.ts';
import type { ParkedLeaves } from './parkedLeaves.ts';
import type { RepairQueue } from './repairQueue.ts';

/** How long the list of parked leaves is believed, in milliseconds. */
const listLifetimeMs = 5_000;
const attempts = 8;

export interface ParkingPorts {
  parked: ParkedLeaves;
  repairs: RepairQueue;
  clock: Clock;
  log: Log;
}

type Consume = (changes: ItemChange[]) => Promise<FailedChange[]>;

/**
 * A stream consumer that holds nobody up: a leaf that failed three times in a row, or has a record that cannot be read,
 * is parked, which asks for its repair, and its changes no longer count as failed. The changes of a parked leaf are passed
 * over; that they were is noted with it, so that no repair ends without having seen what they tell of.
 */
export function createParkFailing(
  { clock, log, parked, repairs }: ParkingPorts,
  { consumer, consume }: { consumer: string; consume: Consume },
): Consume {
  let known: { leaves: Map<Leaf, ParkedLeaf>; untilMs: number } = { leaves: new Map(), untilMs: 0 };

  /** The list only saves work, so an old one will do where there is no other. */
  async function listed(): Promise<Map<Leaf, ParkedLeaf>> {
    if (clock() >= known.untilMs) {
      const leaves = await parked.list().catch((error: unknown) => log.error('parked leaves unknown', error));
      const list = leaves ? new Map(leaves.map((one) => [one.leaf, one])) : known.leaves;
      known = { leaves: list, untilMs: clock() + listLifetimeMs };
    }
    return known.leaves;
  }

  /** Whether a leaf is still parked and that its changes were passed over is noted. */
  async function passOver(leaf: Leaf): Promise<boolean> {
    let before = (await listed()).get(leaf);
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (before?.state !== 'parked' || before.consumer !== consumer) return false;
      const next = { ...before, version: before.version + 1 };
      const outcome = await parked.write(next);
      known.leaves.set(leaf, next);
      if (outcome.kind === 'written') return true;
      before = outcome.existing;
      if (before) known.leaves.set(leaf, before);
      else known.leaves.delete(leaf);
    }
    return false;
  }

  /** Notes a failure; true where the leaf is parked now and need not be tried again. */
  async function note(failure: LeafFailure): Promise<boolean> {
    let before = await parked.read(failure.leaf);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const next = afterFailure(before, failure, clock());
      const isParkedNow = next.state === 'parked' && before?.state !== 'parked';
      // First of all: a leaf that is parked and waits for nobody would stay so.
      if (isParkedNow && before?.state !== 'repairing') await repairs.enqueue({ leaf: failure.leaf, attempt: 1 });
      const outcome = await parked.write(next);
      if (outcome.kind === 'written') {
        known.leaves.set(next.leaf, next);
        if (isParkedNow) {
          const { leaf, reason, item, failures } = next;
          log.warn('leaf parked', { leaf, consumer, reason, item, failures });
          log.count('LeavesParked');
        }
        return next.state === 'parked';
      }
      before = outcome.existing;
    }
    return false;
  }

  /** After a success what failed before counts no more. Only a leaf that is listed as failing costs a write. */
  async function forget(leaf: Leaf): Promise<void> {
    const before = known.leaves.get(leaf);
    if (before?.state !== 'failing' || before.consumer !== consumer) return;
    try {
      await parked.remove(before);
      // Where somebody else has written, the next list tells what.
      known.leaves.delete(leaf);
    } catch (error) {
      log.error('failures of a leaf not forgotten', error, { leaf });
    }
  }

  async function settle(leaf: Leaf, failed: FailedChange[]): Promise<FailedChange[]> {
    const [first] = failed;
    const errors = failed.map(({ error }) => error);
    const undecodable = errors.find((error) => error instanceof UndecodableError);
    const item = undecodable?.item;
    const failure = {
      leaf,
      consumer,
      reason: undecodable ? 'undecodable' : codeOf(first?.error),
      ...(item === undefined ? {} : { item }),
      isFinal: undecodable !== undefined,
    };
    try {
      return (await note(failure)) ? [] : failed;
    } catch (error) {
      log.error('failure of a leaf not noted', error, { leaf });
      return failed;
    }
  }

  return async (changes) => {
    const leaves = [...new Set(changes.map(leafOf))];
    const passed = new Set<Leaf>();
    for (const leaf of leaves) if (await passOver(leaf)) passed.add(leaf);
    const due = changes.filter((change) => !passed.has(leafOf(change)));
    const unread = due.flatMap(({ fault, sequenceNumber }) => (fault ? [{ sequenceNumber, error: fault }] : []));
    const failed = [...unread, ...(await consume(due.filter(({ fault }) => fault === undefined)))];

    const leafAt = new Map(due.map((change) => [change.sequenceNumber, leafOf(change)]));
    const byLeaf = Map.groupBy(failed, ({ sequenceNumber }) => leafAt.get(sequenceNumber) ?? '');
    const left = await Promise.all([...byLeaf].map(([leaf, ofLeaf]) => settle(leaf, ofLeaf)));
    const succeeded = leaves.filter((leaf) => !passed.has(leaf) && !byLeaf.has(leaf));
    await Promise.all(succeeded.map(forget));
    return left.flat();
  };
}

function leafOf({ newImage, oldImage }: ItemChange): Leaf {
  return String((newImage ?? oldImage)?.pk).replace(/^L#/, '');
}

/** The class of an error; texts may hold personal data. */
function codeOf(error: unknown): string {
  return error instanceof Error && /^\w+$/.test(error.name) ? error.name : 'unknown';
}
