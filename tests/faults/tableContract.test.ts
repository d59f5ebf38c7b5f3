import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from 'vitest';
import { engineClient } from '../../local/engine/createTable.ts';
import { type Condition, createTable, type Item, isNew, type Table } from '../../shared/platform/table.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { plain } from './simulation/expressions.ts';
import { clientOf, createMemoryDynamo } from './simulation/memoryDynamo.ts';

/*
 * The engine in memory on which the simulation runs, beside the embedded one: the same requests of the same `Table`,
 * the same expectations. What the simulation finds holds of a table only as far as this goes.
 */
interface Engine {
  open(): Promise<{ table: Table; changes: () => Promise<string[]> }>;
}

const embedded = await startTestEngine();
let tables = 0;

const engines: [string, Engine][] = [
  ['in memory', { open: openMemory }],
  ['embedded', { open: openEmbedded }],
];

describe.each(engines)('a table on the engine %s', (_, { open }) => {
  test('keeps an item under a condition once, and shows the one that is there', async () => {
    const { table } = await open();
    expect(await table.put({ pk: 'L#a', sk: 'E#1', text: 'first', bytes: new Uint8Array([1, 2]) }, isNew)).toEqual({
      stored: true,
    });
    expect(await table.put({ pk: 'L#a', sk: 'E#1', text: 'second' }, isNew)).toEqual({
      stored: false,
      existing: { pk: 'L#a', sk: 'E#1', text: 'first', bytes: new Uint8Array([1, 2]) },
    });
    expect(await table.get({ pk: 'L#a', sk: 'E#1' })).toMatchObject({ text: 'first' });
    expect(await table.get({ pk: 'L#a', sk: 'E#2' }, { consistent: true })).toBeUndefined();
  });

  test('replaces an item whole', async () => {
    const { table } = await open();
    await table.put({ pk: 'L#a', sk: '~h', version: 1, old: true });
    await table.put({ pk: 'L#a', sk: '~h', version: 2 }, versionIs(1));
    expect(await table.get({ pk: 'L#a', sk: '~h' })).toEqual({ pk: 'L#a', sk: '~h', version: 2 });
  });

  test('refuses a put whose version is another, and one whose item is gone', async () => {
    const { table } = await open();
    await table.put({ pk: 'L#a', sk: '~h', version: 2 });
    expect((await table.put({ pk: 'L#a', sk: '~h', version: 3 }, versionIs(1))).stored).toBe(false);
    expect(await table.put({ pk: 'L#b', sk: '~h', version: 3 }, versionIs(1))).toEqual({
      stored: false,
      existing: undefined,
    });
  });

  test('sets attributes under a condition with OR, parentheses and names', async () => {
    const { table } = await open();
    const outside = {
      expression: 'attribute_exists(pk) AND (attribute_not_exists(conversationId) OR conversationId <> :id)',
      values: { ':id': 'one' },
    };
    expect(await table.update({ pk: 'L#a', sk: 'E#1' }, { conversationId: 'one' }, outside)).toBe(false);
    await table.put({ pk: 'L#a', sk: 'E#1', text: 'words' });
    expect(await table.update({ pk: 'L#a', sk: 'E#1' }, { conversationId: 'one' }, outside)).toBe(true);
    expect(await table.update({ pk: 'L#a', sk: 'E#1' }, { conversationId: 'one' }, outside)).toBe(false);
    expect(await table.get({ pk: 'L#a', sk: 'E#1' })).toEqual({
      pk: 'L#a',
      sk: 'E#1',
      text: 'words',
      conversationId: 'one',
    });
  });

  test('compares numbers, and what is absent with nothing', async () => {
    const { table } = await open();
    const beyond = (operator: '<' | '>', than: number) => ({
      expression: `doneUntilMs ${operator} :than`,
      values: { ':than': than },
    });
    const put = async (condition: Condition) =>
      (await table.put({ ...item('D#', '~'), doneUntilMs: 90 }, condition)).stored;
    expect(await put(beyond('<', 100))).toBe(false);
    expect(await put(beyond('>', 100))).toBe(false);
    await table.put({ ...item('D#', '~'), doneUntilMs: 90 });
    expect([await put(beyond('<', 100)), await put(beyond('>', 9))]).toEqual([true, true]);
    expect([await put(beyond('<', 90)), await put(beyond('>', 90))]).toEqual([false, false]);
  });

  test('makes all of a transaction or nothing, and tells which condition failed', async () => {
    const { table } = await open();
    await table.put({ pk: 'L#b', sk: '~i', epoch: 4 });
    const outcome = await table.transact([
      { put: { pk: 'L#a', sk: '~i', epoch: 1 }, condition: isNew },
      { put: { pk: 'L#b', sk: '~i', epoch: 5 }, condition: epochIs(3) },
      { check: { pk: 'L#c', sk: '~i' }, condition: { expression: 'attribute_exists(pk)' } },
    ]);
    expect(outcome).toEqual({
      stored: false,
      existing: [undefined, { pk: 'L#b', sk: '~i', epoch: 4 }, undefined],
    });
    expect(await table.get({ pk: 'L#a', sk: '~i' })).toBeUndefined();
    await table.put({ pk: 'L#c', sk: '~i' });
    expect(
      await table.transact([
        { put: { pk: 'L#a', sk: '~i', epoch: 1 }, condition: isNew },
        { put: { pk: 'L#b', sk: '~i', epoch: 5 }, condition: epochIs(4) },
        { delete: { pk: 'L#c', sk: '~i' } },
      ]),
    ).toEqual({ stored: true });
    expect(
      await table.getMany([
        { pk: 'L#b', sk: '~i' },
        { pk: 'L#c', sk: '~i' },
      ]),
    ).toEqual([{ pk: 'L#b', sk: '~i', epoch: 5 }]);
  });

  test('sets attributes in a transaction, which fails with the condition', async () => {
    const { table } = await open();
    await table.put({ pk: 'L#a', sk: 'E#1', text: 'words' });
    const claim = (by: string) =>
      table.transact([
        { put: { pk: 'L#a', sk: `~v#${by}` }, condition: isNew },
        {
          update: { pk: 'L#a', sk: 'E#1' },
          set: { conversationId: by },
          condition: { expression: 'attribute_exists(pk) AND attribute_not_exists(conversationId)' },
        },
      ]);
    expect(await claim('one')).toEqual({ stored: true });
    const claimed = { pk: 'L#a', sk: 'E#1', text: 'words', conversationId: 'one' };
    expect(await claim('two')).toEqual({ stored: false, existing: [undefined, claimed] });
    const { items } = await table.query({ pk: 'L#a', from: ' ', to: '~~' });
    expect(items).toEqual([claimed, { pk: 'L#a', sk: '~v#one' }]);
  });

  test('refuses a transaction that names an item twice', async () => {
    const { table } = await open();
    await expect(table.transact([{ put: item('L#a', 'E#1') }, { delete: { pk: 'L#a', sk: 'E#1' } }])).rejects.toThrow();
  });

  test('inserts many, and tells of each whether it was there', async () => {
    const { table } = await open();
    await table.put({ pk: 'L#a', sk: 'E#2', text: 'first' });
    const inserted = [item('L#a', 'E#1'), { ...item('L#a', 'E#2'), text: 'second' }, item('L#b', 'B#1')];
    expect(await table.insertMany(inserted)).toEqual(['stored', 'duplicate', 'stored']);
    expect(await table.get({ pk: 'L#a', sk: 'E#2' })).toMatchObject({ text: 'first' });
    expect(await table.get({ pk: 'L#b', sk: 'B#1' })).toEqual({ pk: 'L#b', sk: 'B#1' });
  });

  test('lists a stretch of one partition in order, from either end, and whether it goes on', async () => {
    const { table } = await open();
    for (const sk of ['E#3', '~h', 'B#1', 'E#1', 'E#2', 'E#2~', 'E$']) await table.put({ pk: 'L#a', sk });
    await table.put({ pk: 'L#b', sk: 'E#1' });
    const list = async (range: Partial<Parameters<Table['query']>[0]>) => {
      const { items, more } = await table.query({ pk: 'L#a', from: 'E#', to: 'E$', ...range });
      return [...items.map(({ sk }) => sk), more];
    };
    expect(await list({})).toEqual(['E#1', 'E#2', 'E#2~', 'E#3', 'E$', false]);
    expect(await list({ descending: true, limit: 2, consistent: true })).toEqual(['E$', 'E#3', true]);
    expect(await list({ to: 'E#2', limit: 5 })).toEqual(['E#1', 'E#2', false]);
    expect(await list({ to: 'E#2', limit: 2 })).toEqual(['E#1', 'E#2', true]);
    expect(await list({ from: '~', to: '~~' })).toEqual(['~h', false]);
  });

  test('reads many keys in their order, without those that do not exist', async () => {
    const { table } = await open();
    await table.put(item('L#a', '1'));
    await table.put(item('L#b', '2'));
    const keys = [item('L#b', '2'), item('L#c', '3'), item('L#a', '1'), item('L#b', '2')];
    expect(await table.getMany(keys)).toEqual([item('L#b', '2'), item('L#a', '1'), item('L#b', '2')]);
  });

  test('lists the index page by page, only with both of its attributes', async () => {
    const { table } = await open();
    const card = (name: string, inboxStatus: string, inboxSince: string) => ({
      pk: name,
      sk: '~',
      inboxStatus,
      inboxSince,
    });
    for (const one of [card('V#1', 'open#1', '3'), card('V#2', 'open#1', '1'), card('V#3', 'open#1', '2')]) {
      await table.put(one);
    }
    await table.put(card('V#4', 'open#2', '1'));
    await table.put({ pk: 'V#5', sk: '~', inboxStatus: 'open#1' });
    const page = { index: 'inbox', partition: { name: 'inboxStatus', value: 'open#1' }, limit: 2 };
    const first = await table.queryIndex(page);
    expect(first.items.map(({ pk }) => pk)).toEqual(['V#2', 'V#3']);
    const second = await table.queryIndex({ ...page, ...(first.next ? { after: first.next } : {}) });
    expect(second).toMatchObject({ items: [{ pk: 'V#1' }], next: undefined });
  });

  test('tells every change with both images, in order per item, and nothing of what was refused', async () => {
    const { table, changes } = await open();
    await table.put(item('L#a', '1'), isNew);
    await table.put(item('L#a', '1'), isNew);
    await table.put({ ...item('L#a', '1'), version: 1 });
    await table.update({ pk: 'L#a', sk: '1' }, { version: 2 }, versionIs(1));
    await table.update({ pk: 'L#a', sk: '1' }, { version: 3 }, versionIs(1));
    await table.transact([{ delete: { pk: 'L#a', sk: '1' } }]);
    await table.insertMany([item('L#a', '1')]);
    expect(await changes()).toEqual([
      '- → {"pk":"L#a","sk":"1"}',
      '{"pk":"L#a","sk":"1"} → {"pk":"L#a","sk":"1","version":1}',
      '{"pk":"L#a","sk":"1","version":1} → {"pk":"L#a","sk":"1","version":2}',
      '{"pk":"L#a","sk":"1","version":2} → -',
      '- → {"pk":"L#a","sk":"1"}',
    ]);
  });
});

test('the engine in memory refuses what it does not understand', async () => {
  const { table } = await openMemory();
  for (const expression of ['size(pk) > :one', 'begins_with(pk, :one)', 'pk = :one AND', 'pk <= :one']) {
    await expect(table.put(item('L#a', '1'), { expression, values: { ':one': 1 } })).rejects.toThrow();
  }
});

async function openMemory() {
  const engine = createMemoryDynamo();
  return {
    table: createTable(clientOf(engine.execute), 'timeline'),
    changes: async () => engine.changes.map(({ oldImage, newImage }) => told(oldImage, newImage)),
  };
}

async function openEmbedded() {
  const tableName = `contract-${tables++}`;
  await createTimelineTable(embedded.endpoint, tableName);
  const client = engineClient(embedded.endpoint);
  return { table: createTable(client, tableName), changes: () => recordsOf(tableName) };
}

async function recordsOf(tableName: string): Promise<string[]> {
  const client = engineClient(embedded.endpoint);
  const streams = new DynamoDBStreamsClient({
    endpoint: embedded.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Table: described } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const StreamArn = described?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const iterator = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  const { ShardIterator } = await streams.send(iterator);
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ dynamodb }) => told(dynamodb?.OldImage, dynamodb?.NewImage));
}

type Image = Parameters<typeof plain>[0] | undefined;

function told(oldImage: Image, newImage: Image): string {
  const text = (image: Image) => {
    if (image === undefined) return '-';
    return JSON.stringify(
      Object.fromEntries(Object.entries(plain(image)).sort(([one], [other]) => (one < other ? -1 : 1))),
    );
  };
  return `${text(oldImage)} → ${text(newImage)}`;
}

function item(pk: string, sk: string): Item {
  return { pk, sk };
}

function versionIs(version: number) {
  return { expression: 'version = :version', values: { ':version': version } };
}

function epochIs(epoch: number) {
  return {
    expression: 'attribute_not_exists(#parent) AND #epoch = :epoch',
    names: { '#epoch': 'epoch', '#parent': 'parent' },
    values: { ':epoch': epoch },
  };
}
