import { refoldCustomer } from '../shared/customer/foldCustomer.ts';
import { auditCustomer } from '../shared/repair/auditCustomer.ts';
import { replayCustomer } from '../shared/repair/replayCustomer.ts';
import { createSearchStore } from '../shared/search/searchStore.ts';
import { interaction, minuteMs, mondayMs, said } from '../tests/support/leafInteractions.ts';
import type { MeteredTable } from '../tests/support/meteredTable.ts';
import { createProjection } from '../tests/support/projection.ts';
import { idleSweep } from './idleSweep.ts';
import { onTable, unitsOn } from './onTable.ts';
import type { Row } from './row.ts';

/** What folding again, checking and sweeping cost. */
export function projectionRows(): Promise<Row[]> {
  return onTable(measure);
}

async function measure(table: MeteredTable): Promise<Row[]> {
  const search = createSearchStore(table, Buffer.alloc(32, 'bench'));
  const ports = { ...createProjection(table), search };
  const history = (leaf: string, interactions: number) =>
    Array.from({ length: interactions }, (_, index) => {
      const occurredAtMs = mondayMs + index * minuteMs;
      return index % 10 === 0
        ? said(`message ${index}`, occurredAtMs, { leaf })
        : interaction({ leaf, messageId: `view ${index}`, occurredAtMs });
    });

  const long = 'long'.padEnd(22, '-');
  await ports.store(history(long, 1000));
  await refoldCustomer(ports, long);
  let durationMs = 0;
  const refold = await unitsOn(table, async () => {
    const startedMs = performance.now();
    await refoldCustomer(ports, long);
    durationMs = Math.round(performance.now() - startedMs);
  });

  const customers = Array.from({ length: 100 }, (_, index) => `customer-${index}-`.padEnd(22, '-'));
  for (const leaf of customers) {
    const interactions = history(leaf, 11);
    await ports.store(interactions);
    await ports.deliver(interactions);
  }
  const perSecond = async (handle: (leaf: string) => Promise<unknown>) => {
    const startedMs = performance.now();
    for (const leaf of customers) await handle(leaf);
    return Math.round((customers.length / (performance.now() - startedMs)) * 1000);
  };
  const checked = await perSecond((leaf) => auditCustomer(ports, leaf));
  const replayed = await unitsOn(table, () => perSecond((leaf) => replayCustomer(ports, leaf)));

  const swept = await idleSweep(table);
  const units = (name: string, value: number, unit: string) => ({ name, value, unit: `${unit} units` });
  return [
    { name: 'refold: a leaf of 1,000 interactions', value: durationMs, unit: 'ms' },
    units('refold: a leaf of 1,000 interactions', refold.read, 'read'),
    units('refold: a leaf of 1,000 interactions', refold.write, 'write'),
    { name: 'replay --check: customers of 11 interactions, one by one', value: checked, unit: 'customers/s' },
    { ...units('replay: 100 customers of whom none differs', replayed.write, 'write'), promise: 0 },
    units('sweep: nothing is due', swept.read, 'read'),
    { ...units('sweep: nothing is due', swept.write, 'write'), promise: 1 },
  ];
}
