import { createDueItemsStore } from '../shared/due/dueItemsStore.ts';
import { sweepDue } from '../shared/due/sweepDue.ts';
import { minuteMs, mondayMs } from '../tests/support/leafInteractions.ts';
import type { MeteredTable } from '../tests/support/meteredTable.ts';
import { unitsOn } from './onTable.ts';

/** Units of one sweep where nothing is due, a minute after the last one. */
export async function idleSweep(table: MeteredTable): Promise<{ read: number; write: number }> {
  const clock = { nowMs: mondayMs };
  const due = createDueItemsStore(table, () => clock.nowMs);
  const log = { info: noop, warn: noop, error: noop, count: noop };
  const sweep = () => sweepDue({ due, carryOut: async () => undefined, clock: () => clock.nowMs, log });
  await sweep();
  clock.nowMs += minuteMs;
  return unitsOn(table, sweep);
}

function noop(): void {}
