import { type CustomerFoldPorts, refoldCustomer } from '../customer/foldCustomer.ts';
import { readReceivedSince } from '../customer/replayLeaf.ts';
import type { DueItems } from '../due/dueItems.ts';
import { scheduleDue } from '../due/scheduleDue.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { LinkIdentities } from '../identity/linkIdentities.ts';
import type { ParkedLeaf } from './parkedLeaf.ts';
import type { ParkedLeaves } from './parkedLeaves.ts';

export interface RepairPorts extends CustomerFoldPorts {
  parked: ParkedLeaves;
  linkIdentities: LinkIdentities;
  due: Pick<DueItems, 'put'>;
}

/** `sound`: the leaf is not parked. `failed`: it is parked as before. */
export type RepairOutcome = { kind: 'sound' | 'repaired' } | { kind: 'failed'; error: unknown };

/** What may have been passed over: the stream keeps records for a day, and one consumer feeds the other. In milliseconds. */
const passedOverForMs = 48 * 60 * 60 * 1000;
const attempts = 8;

/**
 * Does for a parked leaf what its stream records would have done: links what they state, writes down what they make due,
 * and folds the customer from the timelines. While it does so new records take effect again, so a busy leaf is not parked for ever, and the leaf leaves
 * the list only if none of them failed. What may be a reason for a follow-up becomes one again; it is sent once.
 */
export async function repairLeaf(ports: RepairPorts, leaf: Leaf): Promise<RepairOutcome> {
  const { due, linkIdentities, parked, timeline } = ports;
  const repairing = await begin(parked, leaf);
  if (repairing === undefined) return { kind: 'sound' };
  try {
    const news = await readReceivedSince(timeline, leaf, repairing.sinceMs - passedOverForMs);
    await linkIdentities(news);
    await scheduleDue(due, news);
    await refoldCustomer(ports, leaf, news);
  } catch (error) {
    await parked.write({ ...repairing, state: 'parked', version: repairing.version + 1 });
    return { kind: 'failed', error };
  }
  if (await parked.remove(repairing)) return { kind: 'repaired' };
  return { kind: 'failed', error: new Error('a record of the leaf failed meanwhile') };
}

async function begin(parked: ParkedLeaves, leaf: Leaf): Promise<ParkedLeaf | undefined> {
  let before = await parked.read(leaf);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (before === undefined || before.state === 'failing') return undefined;
    const { attempts: earlier, version } = before;
    const next: ParkedLeaf = { ...before, state: 'repairing', attempts: earlier + 1, version: version + 1 };
    const outcome = await parked.write(next);
    if (outcome.kind === 'written') return next;
    before = outcome.existing;
  }
  throw new Error('a parked leaf is being written by somebody else all the time');
}
