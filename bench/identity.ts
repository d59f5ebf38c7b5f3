import type { IdentifierType } from '../shared/contracts/identifier.ts';
import type { Member } from '../shared/identity/identityNode.ts';
import { createIdentityStore } from '../shared/identity/identityStore.ts';
import type { MeteredTable } from '../tests/support/meteredTable.ts';
import { onTable, unitsOn } from './onTable.ts';
import type { Row } from './row.ts';

/** Write units of one fact of identity: every change of a tree stands on a timeline, in the same transaction. */
const factUnits = 2;

/** What linking, parting and finding cost. */
export function identityRows(): Promise<Row[]> {
  return onTable(measure);
}

async function measure(table: MeteredTable): Promise<Row[]> {
  const identities = createIdentityStore(table);
  const rows: Row[] = [];
  let count = 0;
  const fresh = (type: IdentifierType): Member => ({ leaf: `bench${count++}`.padEnd(22, '-'), type });
  const stated = { statedBy: 'shop', statedAtMs: Date.UTC(2026, 2, 2, 9) };
  const link = (a: Member, b: Member) =>
    identities.link({ a, b, trust: 'asserted', reason: 'stated-by-server', evidence: `link-${count++}`, ...stated });
  const unlink = (leaf: Member, from: Member) => identities.unlink({ leaf, from, evidence: `${count++}`, ...stated });
  const used = (run: () => Promise<unknown>) => unitsOn(table, run);
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
  reads('find: where leaves lie beyond the limits', (await used(() => identities.find(browser.leaf))).read, 2);
  const one = await used(() => unlink(last, user));
  writes('unlink: one of 32, with both facts', one.write);
  reads('unlink: one of 32', one.read);
  return rows;
}
