import { createDueItemsStore } from '../../shared/due/dueItemsStore.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { createLinkIdentities } from '../../shared/identity/linkIdentities.ts';
import type { FailedChange, ItemChange } from '../../shared/platform/stream.ts';
import type { Table } from '../../shared/platform/table.ts';
import type { ParkedLeaves } from '../../shared/repair/parkedLeaves.ts';
import { createParkedLeavesStore } from '../../shared/repair/parkedLeavesStore.ts';
import { createParkFailing } from '../../shared/repair/parkFailing.ts';
import type { RepairPorts } from '../../shared/repair/repairLeaf.ts';
import type { RepairCommand } from '../../shared/repair/repairQueue.ts';
import { createProjection, type Projection, testLeafOf } from './projection.ts';

export interface ParkingProjection extends Projection {
  /** The stream consumer that parks what fails. */
  consume(changes: ItemChange[]): Promise<FailedChange[]>;
  parked: ParkedLeaves;
  /** What is needed to repair, on a table that does not fail. */
  repairing: RepairPorts;
  /** Repairs that were asked for. */
  asked: RepairCommand[];
  logged: string[];
  clock: { nowMs: number };
}

/** project-timeline as it is deployed, on a table that fails where `isBroken` says so. */
export function createParkingProjection(table: Table, isBroken: (pk: string) => boolean): ParkingProjection {
  const failIfBroken = (pk: string) => {
    if (isBroken(pk)) throw new TypeError(`lena@example.com is broken`);
  };
  const projection = createProjection({
    ...table,
    async query(range) {
      failIfBroken(range.pk);
      return table.query(range);
    },
  });
  const sound = createProjection(table);
  const clock = { nowMs: Date.UTC(2026, 2, 2, 9) };
  const asked: RepairCommand[] = [];
  const logged: string[] = [];
  const parked = createParkedLeavesStore(table);
  const note = (message: string, ...facts: unknown[]) => void logged.push(JSON.stringify([message, ...facts]));
  const consume = createParkFailing(
    {
      parked,
      repairs: { enqueue: async (command) => void asked.push(command) },
      clock: () => clock.nowMs,
      log: { info: note, warn: note, error: note, count: (metric) => void projection.counted.push(metric) },
    },
    { consumer: 'project-timeline', consume: projection.consume },
  );
  const { conversations, customers, identities, timeline } = sound;
  const linkIdentities = createLinkIdentities({ identities, timeline, leafOf: testLeafOf });
  const due = createDueItemsStore(table, () => clock.nowMs);
  return {
    ...projection,
    consume,
    parked,
    repairing: { conversations, customers, identities, timeline, parked, linkIdentities, due },
    asked,
    logged,
    clock,
  };
}

/** The head of a leaf, as counts by type. */
export async function headOf(
  { repairing }: ParkingProjection,
  leaf: Leaf,
): Promise<Record<string, number> | undefined> {
  return (await repairing.customers.readState(leaf, { consistent: true })).head?.byType;
}
