import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '../local/platform.ts';
import { contextRows } from './context.ts';
import { identityRows } from './identity.ts';
import { createPractice, eventOf, type Practice } from './practice.ts';
import { projectionRows } from './projection.ts';
import { type Row, table, verdict } from './row.ts';
import { startUpRows } from './startUp.ts';

/*
 * `npm run bench [-- --json]`: how large each function is and how soon it is ready; capacity units per operation, from
 * the engine, against the design's promises; and requests per second through the whole local stack. Units and sizes are
 * exact; times and rates only compare within one run.
 */

async function measure(practice: Practice): Promise<Row[]> {
  const rows: Row[] = [];
  const ingest = async (name: string, promise: number, run: () => Promise<unknown>) => {
    const { read, write, calls } = await practice.unitsOf('collect-events', run);
    rows.push({ name: `take in: ${name}`, value: write, unit: 'write units', promise });
    rows.push({ name: `take in: ${name}`, value: read, unit: 'read units', promise: 0 });
    rows.push({ name: `take in: ${name}`, value: calls, unit: 'calls', promise: 1 });
  };
  const known = `known-${randomUUID()}`;
  const first = eventOf(1024, known, randomUUID());
  await ingest('1 KB, unknown customer', 1, () => practice.send('track', first));
  await ingest('1 KB, known customer', 1, () => practice.send('track', eventOf(1024, known, randomUUID())));
  await ingest('1 KB, duplicate', 1, () => practice.send('track', first));
  const batch = Array.from({ length: 25 }, () => eventOf(1024, known, randomUUID()));
  await ingest('batch of 25, 1 KB each', 25, () => practice.send('batch', { batch }));
  const { timestamp: _timestamp, ...timeless } = eventOf(900, known, randomUUID());
  await ingest('no time of its own (guarded)', 4, () => practice.send('track', timeless));

  const visitor = `visitor-${randomUUID()}`;
  const views = Array.from({ length: 3 }, () => ({
    ...eventOf(400, visitor, randomUUID()),
    type: 'page',
    name: 'Shop',
  }));
  const projected = await practice.unitsOf('project-timeline', () => practice.send('batch', { batch: views }));
  rows.push({
    name: 'project: three views together, each',
    value: Math.round((projected.write / 3) * 100) / 100,
    unit: 'write units',
    promise: 0.5,
  });

  const { customers } = (await practice.get(`/customers?identifier=userId:${visitor}`)) as {
    customers: { customerId: string }[];
  };
  const id = customers[0]?.customerId;
  const context = await practice.unitsOf('agent-api', () => practice.get(`/customers/${id}/context`));
  rows.push({ name: 'context: one leaf', value: context.read, unit: 'read units', promise: 1 });
  rows.push({ name: 'context: one leaf', value: context.calls, unit: 'calls', promise: 1 });

  await linkedCustomer(practice, rows);
  rows.push(...(await identityRows()), ...(await contextRows()), ...(await projectionRows()));
  await search(practice, rows);
  for (const connections of [1, 10]) rows.push(await rate(practice, connections));
  return rows;
}

/** What it costs to read a customer of four leaves, asked by the leaf that is farthest from the root. */
async function linkedCustomer(practice: Practice, rows: Row[]): Promise<void> {
  const anonymousId = randomUUID();
  const phone = '+491713920099';
  const linking = await practice.unitsOf('project-timeline', () =>
    practice.send('identify', {
      userId: `linked-${anonymousId}`,
      anonymousId,
      messageId: randomUUID(),
      timestamp: new Date().toISOString(),
      traits: { name: 'Lena Vogt', email: `${anonymousId}@example.com`, phone },
    }),
  );
  rows.push({ name: 'link: four identifiers, with their records', value: linking.write, unit: 'write units' });
  const { customers } = (await practice.get(`/customers?identifier=anonymousId:${anonymousId}`)) as {
    customers: { customerId: string }[];
  };
  const context = await practice.unitsOf('agent-api', () =>
    practice.get(`/customers/${customers[0]?.customerId}/context`),
  );
  rows.push({ name: 'context: four leaves, by the root', value: context.read, unit: 'read units', promise: 3 });
  const lookup = await practice.unitsOf('lookup-customer', () =>
    practice.get(`/lookup?number=${encodeURIComponent(phone)}`),
  );
  rows.push({ name: 'lookup: four leaves, by number', value: lookup.read, unit: 'read units', promise: 3 });
  rows.push({ name: 'lookup: four leaves, by number', value: lookup.calls, unit: 'calls', promise: 2 });
}

/** What it costs to be found by name and number, and to find. */
async function search(practice: Practice, rows: Row[]): Promise<void> {
  const timestamp = new Date().toISOString();
  const identify = (messageId: string, traits: Record<string, string>) =>
    practice.send('identify', { userId: 'searched', messageId, timestamp, traits });
  const named = await practice.unitsOf('project-timeline', () => identify('search-1', { name: 'Jonas Reuter' }));
  rows.push({
    name: 'search: a name of two words is first heard, head included',
    value: named.write,
    unit: 'write units',
  });
  const repeated = await practice.unitsOf('project-timeline', () => identify('search-2', { name: 'Jonas Reuter' }));
  rows.push({
    name: 'search: the same name again, head included',
    value: repeated.write,
    unit: 'write units',
    promise: 1,
  });
  const byName = await practice.unitsOf('agent-api', () => practice.get('/customers?query=reut%20jon'));
  rows.push({ name: 'search: one customer by name', value: byName.read, unit: 'read units', promise: 1.5 });
  const bySuffix = await practice.unitsOf('lookup-customer', () => practice.get('/lookup?number=3920099'));
  rows.push({ name: 'lookup: four leaves, by the last digits', value: bySuffix.read, unit: 'read units' });
  rows.push({ name: 'lookup: four leaves, by the last digits', value: bySuffix.calls, unit: 'calls' });
}

/** Requests per second through gateway, function, engine and projection. */
async function rate(practice: Practice, connections: number): Promise<Row> {
  const requests = 600;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (let index = 0; index < requests / connections; index++) {
        await practice.send('track', eventOf(600, `load-${connection}-${index % 20}`, randomUUID()));
      }
    }),
  );
  const perSecond = Math.round((requests / (performance.now() - startedMs)) * 1000);
  return {
    name: `take in: ${connections} connection${connections === 1 ? '' : 's'}`,
    value: perSecond,
    unit: 'requests/s',
  };
}

const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
const platform = await startPlatform({ port: 0, dataDir, log: () => undefined });
try {
  const rows = [...(await startUpRows(platform)), ...(await measure(createPractice(platform)))];
  const isJson = process.argv.includes('--json');
  process.stdout.write(`${isJson ? JSON.stringify(rows.map(verdict)) : table(rows)}\n`);
} finally {
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
