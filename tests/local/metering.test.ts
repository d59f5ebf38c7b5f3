import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createFaults } from '../../local/aws/createFaults.ts';
import { createMeter } from '../../local/aws/createMeter.ts';
import { createTableEndpoint } from '../../local/aws/createTableEndpoint.ts';
import { itemSize } from '../../local/aws/itemSize.ts';
import { startFront } from '../../local/aws/startFront.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';

const engine = await startTestEngine();
const front = await startFront(() => undefined);
afterAll(() => front.stop());
const TableName = 'notes';
await createTimelineTable(engine.endpoint, TableName);

let meter = createMeter();
let faults = createFaults();
let client: DynamoDBClient;

beforeEach(() => {
  meter = createMeter();
  faults = createFaults();
  front.register('dynamodb', createTableEndpoint({ engine: engine.endpoint, meter, faults }).handle);
  client = clientOf('write-note');
});

function clientOf(caller?: string): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint: front.endpoint('dynamodb', caller), region: 'eu-central-1', credentials });
}

const isNew = 'attribute_not_exists(pk)';
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'note' } });
const note = (pk: string, bytes = 10) => ({ ...key(pk), text: { S: 'x'.repeat(bytes) } });
const insertion = `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': ?, 'text': ?}`;
const put = (pk: string, bytes?: number) =>
  new PutItemCommand({ TableName, Item: note(pk, bytes), ConditionExpression: isNew });

test('a put of up to 1 KB counts one write unit and no reads, for the function that made it', async () => {
  await client.send(put('one'));
  expect(meter.operations()).toEqual([
    { function: 'write-note', operation: 'PutItem', calls: 1, readUnits: 0, writeUnits: 1 },
  ]);
});

test('a refused put counts one write unit per started KB of the larger item, and the caller sees no item', async () => {
  await client.send(put('large', 2500));
  const refused = client.send(put('large', 10));
  await expect(refused).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  await expect(refused).rejects.toMatchObject({ Item: undefined });
  expect(meter.operations()).toMatchObject([{ operation: 'PutItem', calls: 2, readUnits: 0, writeUnits: 6 }]);
});

test('a caller who asks for the old item of a refused put gets it', async () => {
  await client.send(put('asked'));
  const again = new PutItemCommand({
    TableName,
    Item: note('asked'),
    ConditionExpression: isNew,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await expect(client.send(again)).rejects.toMatchObject({ Item: { text: { S: 'xxxxxxxxxx' } } });
});

test('refused updates and deletions count by the existing item', async () => {
  await client.send(put('kept', 1500));
  const never = { TableName, Key: key('kept'), ConditionExpression: 'attribute_not_exists(sk)' };
  await expect(client.send(new DeleteItemCommand(never))).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  const update = new UpdateItemCommand({
    ...never,
    UpdateExpression: 'SET seen = :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  await expect(client.send(update)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  expect(meter.operations()).toMatchObject([
    { operation: 'DeleteItem', writeUnits: 2 },
    { operation: 'PutItem', writeUnits: 2 },
    { operation: 'UpdateItem', writeUnits: 2 },
  ]);
});

test('reads count read units: a strongly consistent one twice as many', async () => {
  await client.send(put('read'));
  await client.send(new GetItemCommand({ TableName, Key: key('read') }));
  await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'read' } },
      ConsistentRead: true,
    }),
  );
  expect(meter.operations()).toMatchObject([
    { operation: 'GetItem', calls: 1, readUnits: 0.5, writeUnits: 0 },
    { operation: 'PutItem', calls: 1, readUnits: 0, writeUnits: 1 },
    { operation: 'Query', calls: 1, readUnits: 1, writeUnits: 0 },
  ]);
});

test('a transaction counts two write units per item, done or cancelled', async () => {
  const transaction = () =>
    new TransactWriteItemsCommand({
      TransactItems: ['first', 'second'].map((pk) => ({
        Put: { TableName, Item: note(pk), ConditionExpression: isNew },
      })),
    });
  await client.send(transaction());
  expect(meter.operations()).toMatchObject([{ calls: 1, writeUnits: 4 }]);
  const cancelled = await client.send(transaction()).catch((error: unknown) => error);
  expect(cancelled).toBeInstanceOf(TransactionCanceledException);
  expect(cancelled).toMatchObject({ CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, {}] });
  expect(JSON.stringify(cancelled)).not.toContain('xxxxxxxxxx');
  expect(meter.operations()).toMatchObject([{ calls: 2, readUnits: 0, writeUnits: 8 }]);
});

test('a batch of 25 inserts counts 25 write units in one call, known ones included', async () => {
  const batch = (from: number) =>
    new BatchExecuteStatementCommand({
      Statements: Array.from({ length: 25 }, (_, index) => ({
        Statement: insertion,
        Parameters: Object.values(note(`batch-${from + index}`)),
      })),
    });
  await client.send(batch(0));
  expect(meter.operations()).toMatchObject([{ operation: 'BatchExecuteStatement', calls: 1, writeUnits: 25 }]);
  const again = await client.send(batch(0));
  expect(again.Responses?.map((response) => response.Error?.Code)).toEqual(Array(25).fill('DuplicateItem'));
  expect(meter.operations()).toMatchObject([{ calls: 2, readUnits: 0, writeUnits: 50 }]);
  await client.send(batch(10));
  expect(meter.operations()).toMatchObject([{ calls: 3, readUnits: 0, writeUnits: 75 }]);
});

const attribute: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary', maxLength: 400 }).map((S) => ({ S })),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((number) => ({ N: String(number) })),
    fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => ({ N: String(thousandths / 1000) })),
    fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => ({ B: bytes })),
    fc.constantFrom<AttributeValue>({ BOOL: true }, { NULL: true }),
    fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }).map((SS) => ({ SS })),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }).map((numbers) => ({ NS: numbers.map(String) })),
    fc.array(tie('value'), { maxLength: 8 }).map((L) => ({ L })),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), tie('value'), { maxKeys: 8 }).map((M) => ({ M })),
  ),
})).value;

/** Sizes that the engine bills, found by filling an item up to the end of a unit. */
test.each([
  ['0', 1],
  ['100', 2],
  ['123', 3],
  ['-12', 3],
  ['0.005', 2],
  ['0.125', 3],
  ['1.5', 3],
  ['12.34', 3],
  ['-1.5', 4],
  ['100.5', 4],
])('the number %s takes %i bytes', async (N, bytes) => {
  const put = async (padding: number) => {
    const Item = { ...key(`number-${N}`), n: { N }, x: { S: 'y'.repeat(padding) } };
    const answer = await client.send(new PutItemCommand({ TableName, Item, ReturnConsumedCapacity: 'TOTAL' }));
    return { units: answer.ConsumedCapacity?.CapacityUnits, size: itemSize(Item) - padding };
  };
  const full = 1024 - (await put(900)).size;
  expect(itemSize({ n: { N } })).toBe(1 + bytes);
  expect((await put(full)).units).toBe(1);
  expect((await put(full + 1)).units).toBe(2);
});

test('a refused put of any item counts what the engine reports for the accepted one', async () => {
  let nextItem = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(attribute, { maxLength: 12 }), async (values) => {
      const Item = {
        ...key(`any-${nextItem++}`),
        ...Object.fromEntries(values.map((value, index) => [`a${index}`, value])),
      };
      const insert = () =>
        client.send(
          new PutItemCommand({ TableName, Item, ConditionExpression: isNew, ReturnConsumedCapacity: 'TOTAL' }),
        );
      const accepted = (await insert()).ConsumedCapacity?.CapacityUnits;
      const before = meter.operations()[0]?.writeUnits ?? 0;
      await expect(insert()).rejects.toBeInstanceOf(ConditionalCheckFailedException);
      expect((meter.operations()[0]?.writeUnits ?? 0) - before).toBe(accepted);
    }),
    { numRuns: 150 },
  );
});

test('a refused single INSERT counts by its item', async () => {
  const insert = () =>
    new ExecuteStatementCommand({ Statement: insertion, Parameters: Object.values(note('single', 1500)) });
  await client.send(insert());
  await expect(client.send(insert())).rejects.toMatchObject({ name: 'DuplicateItemException' });
  expect(meter.operations()).toMatchObject([{ calls: 2, writeUnits: 4 }]);
});

test('consumed capacity is shown to whoever asks for it, and only then', async () => {
  const silent = await client.send(put('silent'));
  expect(silent).not.toHaveProperty('ConsumedCapacity');
  const asking = new PutItemCommand({ TableName, Item: note('asking'), ReturnConsumedCapacity: 'TOTAL' });
  expect(await client.send(asking)).toMatchObject({ ConsumedCapacity: { CapacityUnits: 1 } });
});

test('calls by nobody in particular are passed on and not counted', async () => {
  const described = await clientOf().send(new DescribeTableCommand({ TableName }));
  expect(described.Table?.TableName).toBe('notes');
  await clientOf().send(put('uncounted'));
  expect(meter.operations()).toEqual([]);
});

test('a throttled or failing table is retried by the SDK and then works', async () => {
  faults.failTableCalls({ times: 1, kind: 'throttle', function: 'write-note', operation: 'PutItem' });
  faults.failTableCalls({ times: 1, kind: 'server-error' });
  await client.send(put('retried'));
  expect(faults.pending()).toBe(0);
  expect(meter.operations()).toMatchObject([{ calls: 1, writeUnits: 1 }]);
});

test('a lost answer has written: the retry of the SDK is refused', async () => {
  faults.failTableCalls({ times: 1, kind: 'lost-answer' });
  await expect(client.send(put('lost'))).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  expect(meter.operations()).toMatchObject([{ calls: 2, writeUnits: 2 }]);
});

test('faults hold for the function and operation they name', async () => {
  faults.failTableCalls({ times: 5, kind: 'server-error', function: 'read-note' });
  faults.failTableCalls({ times: 5, kind: 'server-error', operation: 'DeleteItem' });
  await client.send(put('spared'));
  expect(faults.pending()).toBe(10);
});
