import { randomUUID } from 'node:crypto';
import { onPlatform } from './onPlatform.ts';
import { createMeteredPractice, eventOf, type MeteredPractice } from './practice.ts';
import type { Row } from './row.ts';

/** Capacity units of what the platform does all day, from the engine: taking in, projecting, showing, searching. */
export function unitRows(): Promise<Row[]> {
  return onPlatform((platform) => measure(createMeteredPractice(platform)));
}

async function measure(practice: MeteredPractice): Promise<Row[]> {
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
  await search(practice, rows);
  return rows;
}

/** What it costs to read a customer of four leaves, asked by the leaf that is farthest from the root. */
async function linkedCustomer(practice: MeteredPractice, rows: Row[]): Promise<void> {
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
async function search(practice: MeteredPractice, rows: Row[]): Promise<void> {
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
