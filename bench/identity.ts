import { createTable, engineClient } from '../local/engine/createTable.ts';
import { startEngine } from '../local/engine/startEngine.ts';
import type { IdentifierType } from '../shared/contracts/identifier.ts';
import type { Member } from '../shared/identity/identityNode.ts';
import { createIdentityStore } from '../shared/identity/identityStore.ts';
import { createMeteredTable } from '../tests/support/meteredTable.ts';
import type { Row } from './row.ts';

/** Write units of one fact of identity: every change of a tree stands on a timeline, in the same transaction. */
const factUnits = 2;

/** What linking, parting and finding cost, on a table of its own. */
export async function identityRows(): Promise<Row[]> {
  const engine = await startEngine();
  try {
    const client = engineClient(engine.endpoint);
    await createTable(client, {
      tableName: 'identity',
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
    return await measure(engine.endpoint);
  } finally {
    await engine.stop();
  }
}

async function measure(endpoint: string): Promise<Row[]> {
  const table = createMeteredTable({ endpoint }, 'identity');
  const identities = createIdentityStore(table);
  const rows: Row[] = [];
  let count = 0;
  const fresh = (type: IdentifierType): Member => ({ leaf: `bench${count++}`.padEnd(22, '-'), type });
  const stated = { statedBy: 'shop', statedAtMs: Date.UTC(2026, 2, 2, 9) };
  const link = (a: Member, b: Member) =>
    identities.link({ a, b, trust: 'asserted', reason: 'stated-by-server', evidence: `link-${count++}`, ...stated });
  const unlink = (leaf: Member, from: Member) => identities.unlink({ leaf, from, evidence: `${count++}`, ...stated });
  const used = async (run: () => Promise<unknown>) => {
    table.reset();
    await run();
    const sum = (units: 'readUnits' | 'writeUnits') => table.calls.reduce((all, call) => all + (call[units] ?? 0), 0);
    return { read: sum('readUnits'), write: sum('writeUnits') };
  };
  const writes = (name: string, value: number, promise?: number) =>
    rows.push({ name, value, unit: 'write units', ...(promise === undefined ? {} : { promise }) });
  const reads = (name: string, value: number, promise?: number) =>
    rows.push({ name, value, unit: 'read units', ...(promise === undefined ? {} : { promise }) });

  const [user, browser] = [fresh('userId'), fresh('anonymousId')];
  const pair = await used(() => link(user, browser));
  writes('link: two identifiers, without its fact', pair.write - factUnits, 4);
  writes('link: its fact', factUnits);
  reads('find: a linked identifier', (await used(() => identities.find(browser.leaf))).read, 2);

  const others = ['email', 'phone', 'externalId', 'anonymousId'].flatMap((type) =>
    Array.from({ length: { email: 5, phone: 1, externalId: 5 }[type] ?? 19 }, () => fresh(type as IdentifierType)),
  );
  for (const other of others.slice(1)) await link(user, other);
  const [last = user] = others;
  const full = await used(() => link(user, last));
  writes('link: the 32nd identifier, each node', (full.write - factUnits) / 2, 3);
  reads('find: one of 32', (await used(() => identities.find(last.leaf))).read, 2);
  const beyond = await used(() => link(user, fresh('anonymousId')));
  writes('link: a browser beyond the limits, with its fact', beyond.write);
  reads('find: where leaves lie beyond the limits', (await used(() => identities.find(browser.leaf))).read);
  const one = await used(() => unlink(last, user));
  writes('unlink: one of 32, with both facts', one.write);
  reads('unlink: one of 32', one.read);
  return rows;
}
