import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createRepairLeaf } from '../../functions/repair-leaf/handler.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { type ItemChange, streamFunction } from '../../shared/platform/stream.ts';
import { isNew } from '../../shared/platform/table.ts';
import { parkedLeafSchema } from '../../shared/repair/parkedLeaf.ts';
import { repairLeaf } from '../../shared/repair/repairLeaf.ts';
import { type RepairCommand, repairDelaySeconds } from '../../shared/repair/repairQueue.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { missedCall } from '../support/families.ts';
import { hourMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { createParkingProjection, headOf } from '../support/parking.ts';
import { changeOf, itemOf } from '../support/projection.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');

let leaves = 0;
const someLeaf = () => newLeaf(`parked-${leaves++}-`);

/** One leaf that is broken until it is mended, and the consumer that meets it. */
function broken() {
  const leaf = someLeaf();
  const broken = new Set([`L#${leaf}`]);
  const mend = () => broken.clear();
  const spoil = () => broken.add(`L#${leaf}`);
  return { leaf, mend, spoil, ...createParkingProjection(table, (pk) => broken.has(pk)) };
}

const changesOf = (...interactions: Interaction[]) => interactions.map(changeOf);

/** Fails with the given interactions until the leaf is parked. */
async function park(projection: ReturnType<typeof broken>, ...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  for (let time = 0; time < 3; time++) await projection.consume(changesOf(...interactions));
}

describe('a leaf whose projection fails', () => {
  test('is tried again twice and then parked, while the others are folded', async () => {
    const projection = broken();
    const { leaf, consume, parked, store, asked, counted, logged } = projection;
    const other = someLeaf();
    const [bad, good] = [said('Hello', mondayMs, { leaf }), said('Good morning', mondayMs, { leaf: other })];
    await store([bad, good]);
    const failed = [];
    for (let time = 0; time < 4; time++) failed.push((await consume(changesOf(bad, good))).length);
    expect(failed).toEqual([1, 1, 0, 0]);
    expect(await headOf(projection, other)).toEqual({ 'message.received': 1 });
    expect(await parked.read(leaf)).toMatchObject({
      state: 'parked',
      consumer: 'project-timeline',
      reason: 'TypeError',
      sinceMs: mondayMs,
      failures: 3,
      attempts: 0,
    });
    expect(asked).toEqual([{ leaf, attempt: 1 }]);
    expect(counted.filter((metric) => metric === 'LeavesParked')).toHaveLength(1);
    expect(logged.join()).toContain(leaf);
    expect(logged.join()).not.toContain('lena@example.com');
  });

  test('is listed', async () => {
    const projection = broken();
    await park(projection, said('Hello', mondayMs, { leaf: projection.leaf }));
    const listed = await projection.parked.list();
    expect(listed.filter(({ state }) => state === 'parked').map(({ leaf }) => leaf)).toContain(projection.leaf);
  });

  test('is forgiven what happened more than an hour before', async () => {
    const { leaf, consume, clock, parked } = broken();
    const hello = said('Hello', mondayMs, { leaf });
    await consume(changesOf(hello));
    await consume(changesOf(hello));
    clock.nowMs += hourMs + 1;
    expect(await consume(changesOf(hello))).toHaveLength(1);
    expect(await parked.read(leaf)).toMatchObject({ state: 'failing', failures: 1 });
  });

  test('is forgiven what failed before a success', async () => {
    const { leaf, consume, mend, spoil, store, parked } = broken();
    const hello = said('Hello', mondayMs, { leaf });
    await store([hello]);
    await consume(changesOf(hello));
    await consume(changesOf(hello));
    mend();
    expect(await consume(changesOf(hello))).toEqual([]);
    expect(await parked.read(leaf)).toBeUndefined();
    spoil();
    expect(await consume(changesOf(hello))).toHaveLength(1);
    expect(await parked.read(leaf)).toMatchObject({ state: 'failing', failures: 1 });
  });

  test('costs no write about failures while none is known', async () => {
    const { leaf, consume, mend, store } = broken();
    mend();
    const hello = said('Hello', mondayMs, { leaf });
    await store([hello]);
    await consume(changesOf(hello));
    table.reset();
    expect(await consume(changesOf(hello))).toEqual([]);
    expect(table.calls.filter(({ command }) => !/^(Get|BatchGet|Query)/.test(command))).toEqual([]);
  });

  test('is not forgiven by the success of another consumer', async () => {
    const { leaf, clock, consume, parked, store, mend } = broken();
    const hello = said('Hello', mondayMs, { leaf });
    await store([hello]);
    await consume(changesOf(hello));
    const failing = await parked.read(leaf);
    await parked.write({ ...parkedLeafSchema.parse(failing), consumer: 'decide-follow-ups', version: 2 });
    mend();
    // How long a list is believed.
    clock.nowMs += 5_001;
    expect(await consume(changesOf(hello))).toEqual([]);
    expect(await parked.read(leaf)).toMatchObject({ state: 'failing', failures: 1 });
  });

  test('is parked at once for a record that cannot be read, and the item is named', async () => {
    const projection = broken();
    const { leaf, consume, parked, mend } = projection;
    mend();
    const other = someLeaf();
    const [hello, good] = [said('Hello', mondayMs, { leaf }), said('Good morning', mondayMs, { leaf: other })];
    await projection.store([good]);
    const poison: ItemChange = {
      sequenceNumber: '1',
      newImage: { ...itemOf(hello), content: 'no JSON' },
      oldImage: undefined,
    };
    expect(await consume([poison, ...changesOf(good)])).toEqual([]);
    expect(await parked.read(leaf)).toMatchObject({
      state: 'parked',
      reason: 'undecodable',
      item: itemOf(hello).sk,
      failures: 1,
    });
    expect(await headOf(projection, other)).toEqual({ 'message.received': 1 });
  });

  test('is parked at once for a stream record whose image cannot be read', async () => {
    const { leaf, consume, store, parked, mend } = broken();
    mend();
    const other = someLeaf();
    const good = said('Good morning', mondayMs, { leaf: other });
    await store([good]);
    const key = { pk: { S: `L#${leaf}` }, sk: { S: 'E#x' } };
    const records = [
      { SequenceNumber: '1', Keys: key, NewImage: { ...key, amount: { N: '12345678901234567890.5' } } },
      { SequenceNumber: '2', Keys: {}, NewImage: marshall(itemOf(good)) },
    ];
    const handler = streamFunction({ consume });
    const event = { Records: records.map((dynamodb) => ({ dynamodb })) } as DynamoDBStreamEvent;
    expect(await handler(event, {} as Context)).toEqual({ batchItemFailures: [] });
    expect(await parked.read(leaf)).toMatchObject({ state: 'parked', reason: 'undecodable', item: 'E#x' });
    expect(await parked.read(other)).toBeUndefined();
  });
});

describe('a parked leaf', () => {
  test('costs one write and no read of its timeline while its records are passed over', async () => {
    const projection = broken();
    const { leaf, consume, store } = projection;
    await park(projection, said('Hello', mondayMs, { leaf }));
    const more = said('Anybody?', mondayMs + hourMs, { leaf });
    await store([more]);
    table.reset();
    expect(await consume(changesOf(more))).toEqual([]);
    expect(table.calls.map(({ command }) => command)).toEqual(['PutItemCommand']);
    expect(table.calls[0]?.writeUnits).toBe(1);
  });

  test('is what its timeline folds to after the repair, passed-over records included, and off the list', async () => {
    const projection = broken();
    const { leaf, consume, store, parked, repairing } = projection;
    await park(projection, said('Hello', mondayMs, { leaf }));
    const call = missedCall(leaf, 'CA1', mondayMs + hourMs);
    await store([call]);
    await consume(changesOf(call));
    expect(await repairLeaf(repairing, leaf)).toEqual({ kind: 'repaired' });
    expect(await parked.read(leaf)).toBeUndefined();
    expect(await headOf(projection, leaf)).toEqual({ 'message.received': 1, 'call.missed': 1 });
    const [stored] = await repairing.timeline.readByIds([call.id]);
    expect(stored?.conversationId).toBe(said('Hello', mondayMs, { leaf }).id);
  });

  test('becomes the reason for the follow-ups that it owed', async () => {
    const projection = broken();
    const { leaf, repairing } = projection;
    const call = missedCall(leaf, 'CA2');
    await park(projection, call);
    const written: unknown[] = [];
    const customers = {
      ...repairing.customers,
      writeHead: async (...head: Parameters<typeof repairing.customers.writeHead>) => {
        written.push(...(head[3]?.triggers ?? []));
        return repairing.customers.writeHead(...head);
      },
    };
    await repairLeaf({ ...repairing, customers }, leaf);
    expect(written).toEqual([{ id: call.id, type: 'call.missed' }]);
  });

  test('is linked by what its records state', async () => {
    const projection = broken();
    const { leaf, repairing } = projection;
    const stated = said('Hello', mondayMs, {
      leaf,
      source: 'practice-server',
      trust: 'asserted',
      identifiers: [
        { type: 'userId', value: `user-${leaf}`, trust: 'asserted' },
        { type: 'email', value: `${leaf}@example.com`, trust: 'asserted' },
      ],
      type: 'customer.identified',
    });
    await park(projection, stated);
    await repairLeaf(repairing, leaf);
    const linked: string[] = [];
    await repairLeaf(
      { ...repairing, linkIdentities: async (given) => void linked.push(...given.map(({ id }) => id)) },
      leaf,
    );
    expect(linked).toEqual([]);
    await park(projection, stated);
    await repairLeaf(
      { ...repairing, linkIdentities: async (given) => void linked.push(...given.map(({ id }) => id)) },
      leaf,
    );
    expect(linked).toEqual([stated.id]);
  });

  test('loses no record that comes when the list still calls it parked and the repair is over', async () => {
    const projection = broken();
    const { leaf, consume, store, repairing, mend } = projection;
    await park(projection, said('Hello', mondayMs, { leaf }));
    await repairLeaf(repairing, leaf);
    mend();
    const more = said('Anybody?', mondayMs + hourMs, { leaf });
    await store([more]);
    expect(await consume(changesOf(more))).toEqual([]);
    expect(await headOf(projection, leaf)).toEqual({ 'message.received': 2 });
  });

  test('stays on the list when a record fails while it is repaired', async () => {
    const projection = broken();
    const { leaf, consume, store, parked, repairing } = projection;
    await park(projection, said('Hello', mondayMs, { leaf }));
    const more = said('Anybody?', mondayMs + hourMs, { leaf });
    await store([more]);
    const outcome = await repairLeaf(
      { ...repairing, linkIdentities: async () => void (await consume(changesOf(more))) },
      leaf,
    );
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(await parked.read(leaf)).toMatchObject({ state: 'parked', attempts: 1, failures: 4 });
    expect(await repairLeaf(repairing, leaf)).toEqual({ kind: 'repaired' });
    expect(await headOf(projection, leaf)).toEqual({ 'message.received': 2 });
  });

  test('with an item that cannot be read stays parked until the item is mended', async () => {
    const projection = broken();
    const { leaf, consume, parked, repairing, mend } = projection;
    mend();
    const hello = said('Hello', mondayMs, { leaf });
    const poison = { ...itemOf(hello), content: 'no JSON' };
    await table.put(poison, isNew);
    await consume([{ sequenceNumber: '1', newImage: poison, oldImage: undefined }]);
    expect(await repairLeaf(repairing, leaf)).toMatchObject({ kind: 'failed' });
    expect(await parked.read(leaf)).toMatchObject({ state: 'parked', reason: 'undecodable', attempts: 1 });
    await table.put(itemOf(hello));
    expect(await repairLeaf(repairing, leaf)).toEqual({ kind: 'repaired' });
    expect(await headOf(projection, leaf)).toEqual({ 'message.received': 1 });
  });
});

describe('repair-leaf', () => {
  const command = (leaf: string, attempt: number) => ({
    messageId: 'm1',
    body: JSON.stringify({ leaf, attempt } satisfies RepairCommand),
  });

  test('waits longer before each further attempt, a quarter of an hour at most', () => {
    expect([1, 2, 3, 4, 5, 12].map(repairDelaySeconds)).toEqual([60, 120, 240, 480, 900, 900]);
  });

  test('asks to try again while it fails, and leaves the last failure to the dead letters', async () => {
    const projection = broken();
    const { leaf, repairing, logged } = projection;
    await park(projection, said('Hello', mondayMs, { leaf }));
    const asked: RepairCommand[] = [];
    const note = (...facts: unknown[]) => void logged.push(JSON.stringify(facts));
    const consume = createRepairLeaf({
      ...repairing,
      linkIdentities: async () => {
        throw new Error('still broken');
      },
      repairs: { enqueue: async (next) => void asked.push(next) },
      log: { info: note, warn: note, error: note, count: () => undefined },
    });
    expect(await consume([command(leaf, 1)])).toEqual([]);
    expect(await consume([command(leaf, 12)])).toMatchObject([{ messageId: 'm1' }]);
    expect(asked).toEqual([{ leaf, attempt: 2 }]);
    expect(await projection.parked.read(leaf)).toMatchObject({ state: 'parked', attempts: 2 });
  });

  test('does nothing for a leaf that is not parked, and refuses what is no command', async () => {
    const { repairing } = broken();
    const consume = createRepairLeaf({
      ...repairing,
      repairs: { enqueue: () => Promise.reject(new Error('nothing is to be asked for')) },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined, count: () => undefined },
    });
    expect(await consume([command(someLeaf(), 1)])).toEqual([]);
    expect(await consume([{ messageId: 'm2', body: '{"leaf":""}' }])).toMatchObject([{ messageId: 'm2' }]);
  });
});
