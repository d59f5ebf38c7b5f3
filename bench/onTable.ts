import { createTable, engineClient } from '../local/engine/createTable.ts';
import { startEngine } from '../local/engine/startEngine.ts';
import { createMeteredTable, type Meter, type MeteredTable } from '../tests/support/meteredTable.ts';

/** Measures on an empty table of its own, without index and stream, on an engine that ends afterwards. */
export async function onTable<T>(measure: (table: MeteredTable) => Promise<T>): Promise<T> {
  const engine = await startEngine();
  try {
    const client = engineClient(engine.endpoint);
    await createTable(client, {
      tableName: 'bench',
      input: {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      },
    });
    client.destroy();
    return await measure(createMeteredTable(engine, 'bench'));
  } finally {
    await engine.stop();
  }
}

/** Units that a table or client used while something ran. */
export async function unitsOn(table: Meter, run: () => Promise<unknown>): Promise<{ read: number; write: number }> {
  table.reset();
  await run();
  const sum = (units: 'readUnits' | 'writeUnits') => table.calls.reduce((all, call) => all + (call[units] ?? 0), 0);
  return { read: sum('readUnits'), write: sum('writeUnits') };
}
