import { describe, expect, test } from 'vitest';
import type { Identifier, Trust } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { identityOverflowKey } from '../../shared/identity/identityKeys.ts';
import type { LeafOwner } from '../../shared/identity/leaf.ts';
import type { Table } from '../../shared/platform/table.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { interaction, minuteMs, mondayMs } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { createProjection, testLeafOf } from '../support/projection.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const projection = createProjection(table);

let count = 0;

/** A customer whom no other test has. */
function newCustomer() {
  const name = `lena-${count++}`;
  const number = `151${String(10_000_000 + count)}`;
  return {
    userId: { type: 'userId', value: name },
    email: { type: 'email', value: `${name}@example.com` },
    phone: { type: 'phone', value: `+49${number}` },
    visitor: { type: 'anonymousId', value: `visitor-of-${name}` },
  } satisfies Record<string, LeafOwner>;
}

const stating = (trust: Trust, ...owners: LeafOwner[]): Identifier[] =>
  owners.map(({ type, value }) => ({ type, value, trust }));

/** An event of the shop's server about these identifiers, kept on the leaf of the first. */
function stated(
  messageId: string,
  owners: [LeafOwner, ...LeafOwner[]],
  fields: Partial<Interaction> = {},
): Interaction {
  return interaction({
    leaf: testLeafOf(owners[0]),
    messageId,
    type: 'customer.identified',
    source: 'shop',
    trust: 'asserted',
    identifiers: stating('asserted', ...owners),
    ...fields,
  });
}

async function take(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
}

const customerOf = async (owner: LeafOwner) => (await projection.identities.find(testLeafOf(owner))).leaves;

async function factsOn(owner: LeafOwner): Promise<Interaction[]> {
  const range = { leaf: testLeafOf(owner), keyClass: 'E', limit: 300, consistent: true } as const;
  const { interactions } = await projection.timeline.readRange(range);
  return interactions.filter(({ type }) => type.startsWith('identity.'));
}

describe('the projection links', () => {
  test('whom a server names together: user, address, number and browser', async () => {
    const { email, phone, userId, visitor } = newCustomer();
    await take(stated('identify', [userId, visitor, email, phone]));
    const leaves = [userId, email, phone, visitor].map(testLeafOf);
    for (const owner of [userId, email, phone, visitor]) expect(await customerOf(owner)).toEqual(leaves);
  });

  test('a browser whose user id is signed, as proven', async () => {
    const { userId, visitor } = newCustomer();
    const identifiers = [...stating('claimed', visitor), ...stating('proven', userId)];
    await take(
      stated('hello', [visitor], { type: 'message.received', source: 'website', trust: 'proven', identifiers }),
    );
    expect(await customerOf(visitor)).toEqual([testLeafOf(userId), testLeafOf(visitor)]);
    expect((await factsOn(userId))[0]?.properties).toMatchObject({ trust: 'proven', reason: 'signed-user-id' });
  });

  test('nobody because of what a browser claims', async () => {
    const { email, userId, visitor } = newCustomer();
    const identifiers = stating('claimed', visitor, userId, email);
    await take(stated('hello', [visitor], { source: 'website', trust: 'claimed', identifiers }));
    expect(await customerOf(visitor)).toEqual([testLeafOf(visitor)]);
  });

  test('nobody through what programs send instead of a user id', async () => {
    const [one, other] = [newCustomer(), newCustomer()];
    const nobody: LeafOwner = { type: 'userId', value: 'undefined' };
    await take(stated('a', [nobody, one.email]), stated('b', [nobody, other.email]));
    expect(await customerOf(one.email)).toEqual([testLeafOf(one.email)]);
  });
});

describe('a link', () => {
  test('is recorded once, however often it is stated and the stream repeats it', async () => {
    const { email, userId } = newCustomer();
    const first = stated('first', [userId, email]);
    const second = stated('second', [userId, email], {});
    await take(first, second);
    await take(first);
    expect((await factsOn(userId)).map(({ type }) => type)).toEqual(['identity.linked']);
  });

  test('causes no other: its own fact comes back on the stream and changes nothing but the head', async () => {
    const { email, phone, userId } = newCustomer();
    await take(stated('identify', [userId, email, phone]));
    const before = await projection.identities.find(testLeafOf(userId));
    const facts = await factsOn(userId);
    expect(facts).toHaveLength(2);
    expect(await projection.deliver(facts)).toEqual([]);
    expect(await projection.deliver(facts)).toEqual([]);
    expect(await projection.identities.find(testLeafOf(userId))).toEqual(before);
    expect(await factsOn(userId)).toHaveLength(2);
    const { head } = await projection.customers.readState(testLeafOf(userId), { consistent: true });
    expect(head?.byType).toEqual({ 'customer.identified': 1, 'identity.linked': 2 });
  });

  test('is made before the head knows its interaction, so that a crash in between repeats it', async () => {
    const { email, userId } = newCustomer();
    const one = stated('identify', [userId, email]);
    await projection.store([one]);
    const withoutLinks: Table = {
      ...table,
      transact: async () => {
        throw new Error('the process ended here');
      },
    };
    expect(await createProjection(withoutLinks).deliver([one])).toHaveLength(1);
    expect((await projection.customers.readState(one.id.slice(0, 22), { consistent: true })).head).toBeUndefined();
    const withoutHead: Table = {
      ...table,
      put: async () => {
        throw new Error('the process ended here');
      },
    };
    expect(await createProjection(withoutHead).deliver([one])).toHaveLength(1);
    expect(await projection.deliver([one])).toEqual([]);
    expect(await customerOf(email)).toEqual([testLeafOf(userId), testLeafOf(email)]);
    expect(await factsOn(userId)).toHaveLength(1);
  });

  test('that conflicts is recorded once, however many events state it, and joins nobody', async () => {
    const [lena, jonas] = [newCustomer(), newCustomer()];
    await take(stated('lena', [lena.userId, lena.email]));
    const family = (messageId: string, minutes: number) =>
      stated(messageId, [jonas.userId, lena.email], {
        receivedAt: new Date(mondayMs + minutes * minuteMs).toISOString(),
      });
    await take(family('order-1', 1));
    await take(family('order-2', 2), family('order-3', 3));
    expect(await customerOf(jonas.userId)).toEqual([testLeafOf(jonas.userId)]);
    expect(await factsOn(jonas.userId)).toMatchObject([
      {
        type: 'identity.conflicted',
        text: 'Not recognised as one customer: userId and email, together they would be too many',
        identifiers: [],
        properties: { conflict: 'limit', statedBy: 'shop' },
      },
    ]);
  });

  test('that conflicts costs its record once, and then only the reads that find it out', async () => {
    const [lena, jonas] = [newCustomer(), newCustomer()];
    await take(stated('lena', [lena.userId, lena.email]));
    await take(stated('first', [jonas.userId, lena.email]));
    const again = stated('second', [jonas.userId, lena.email]);
    await projection.store([again]);
    table.reset();
    await projection.deliver([again]);
    expect(table.calls.map(({ command }) => command)).not.toContain('TransactWriteItemsCommand');
  });

  test('of one browser too many is recorded once, though a source makes up a new one for every event', async () => {
    const { userId } = newCustomer();
    const events = Array.from({ length: 83 }, (_, index) =>
      stated(`event-${index}`, [userId, { type: 'anonymousId', value: `${userId.value}-${index}` }]),
    );
    await take(...events);
    const types = (await factsOn(userId)).map(({ type }) => type);
    expect(types.filter((type) => type === 'identity.linked')).toHaveLength(80);
    expect(types.filter((type) => type === 'identity.conflicted')).toHaveLength(1);
  });

  test('costs nothing where nothing is stated: a browser’s views read no identity', async () => {
    const { visitor } = newCustomer();
    const view = interaction({
      leaf: testLeafOf(visitor),
      messageId: 'view',
      identifiers: stating('claimed', visitor),
    });
    await projection.store([view]);
    table.reset();
    await projection.deliver([view]);
    expect(table.calls.map(({ command }) => command)).toEqual(['QueryCommand', 'PutItemCommand']);
  });

  test('that fails leaves the leaf unfolded and says which change failed; others in the batch go on', async () => {
    const [lena, jonas] = [newCustomer(), newCustomer()];
    const [linking, viewing] = [stated('identify', [lena.userId, lena.email]), stated('view', [jonas.userId])];
    await projection.store([linking, viewing]);
    const broken: Table = {
      ...table,
      async query(range) {
        if (range.to === identityOverflowKey('').sk) throw new Error('the table is away');
        return table.query(range);
      },
    };
    expect(await createProjection(broken).deliver([linking, viewing])).toMatchObject([
      { sequenceNumber: '1000', error: { message: 'the table is away' } },
    ]);
    const { head } = await projection.customers.readState(testLeafOf(jonas.userId), { consistent: true });
    expect(head?.byType).toEqual({ 'customer.identified': 1 });
  });
});
