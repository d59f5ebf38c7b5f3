import { readCustomer } from '../shared/customer/readCustomer.ts';
import type { Member } from '../shared/identity/identityNode.ts';
import { interaction, minuteMs, mondayMs, said } from '../tests/support/leafInteractions.ts';
import { createCustomerProjection } from '../tests/support/linkedCustomer.ts';
import type { MeteredTable } from '../tests/support/meteredTable.ts';
import { onTable } from './onTable.ts';
import type { Row } from './row.ts';

/** What it costs to see a linked customer, by how many leaves they have; asked by a leaf that is not the root. */
export function contextRows(): Promise<Row[]> {
  return onTable(measure);
}

const mostMembers = 32;
const mostBrowsers = 20;

async function measure(table: MeteredTable): Promise<Row[]> {
  const projection = createCustomerProjection(table);
  const rows: Row[] = [];
  let atMs = mondayMs;
  const used = async (run: () => Promise<unknown>) => {
    table.reset();
    if ((await run()) === undefined) throw new Error('nothing was found');
    return { trips: table.calls.length, read: table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0) };
  };
  const shown = async (name: string, by: Member) => {
    const context = await used(() => readCustomer(projection, by.leaf));
    // Each query follows from the one before.
    rows.push({ name: `context: ${name}`, value: context.trips, unit: 'round trips', promise: 2 });
    rows.push({ name: `context: ${name}`, value: context.read, unit: 'read units', promise: 3 });
  };
  const saysSomething = async ({ leaf, type }: Member) => {
    atMs += minuteMs;
    const identifiers = [{ type, value: `${leaf}@example.com`, trust: 'asserted' as const }];
    const words = 'My cat sneezes since Tuesday, but she eats and drinks as always.';
    const news = [
      said(words, atMs, { leaf, identifiers }),
      interaction({ leaf, messageId: 'visit', occurredAtMs: atMs, identifiers }),
    ];
    await projection.store(news);
    await projection.deliver(news);
    await projection.settle();
  };

  const user = memberOf('user', 'userId');
  await saysSomething(user);
  const others = [
    ...Array.from({ length: 5 }, (_, index) => memberOf(`email-${index}`, 'email')),
    memberOf('phone', 'phone'),
    ...Array.from({ length: 5 }, (_, index) => memberOf(`shop-${index}`, 'externalId')),
    ...Array.from({ length: mostBrowsers + 1 }, (_, index) => memberOf(`browser-${10 + index}`, 'anonymousId')),
  ];
  for (const [index, other] of others.entries()) {
    await saysSomething(other);
    atMs += minuteMs;
    await projection.link(user, other, atMs);
    await projection.settle();
    if (index === 0) await shown('two leaves', other);
    if (index + 2 === mostMembers) await shown('32 leaves', other);
  }
  const { overflow } = await projection.identities.find(user.leaf);
  const beyond = others.find(({ leaf }) => overflow.includes(leaf));
  if (beyond === undefined) throw new Error('no leaf lies beyond the limits');
  await shown('a leaf beyond the limits', beyond);
  return rows;
}

function memberOf(name: string, type: Member['type']): Member {
  return { leaf: `context-${name}-`.padEnd(22, '-'), type };
}
