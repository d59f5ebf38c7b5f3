import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createTable, engineClient } from '../../local/engine/createTable.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type StreamMapping, startStreamMapping } from '../../local/events/streamMapping.ts';
import { startTestEngine } from '../support/engine.ts';
import {
  type FakeFunctions,
  failed,
  fakeClock,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  itemFailures,
  queueArn,
  streamArn,
  succeeded,
  temporaryDirectory,
  throttled,
} from './events-support.ts';

const engine = await startTestEngine();
const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const items = engineClient(engine.endpoint);
const directory = temporaryDirectory();
const running: StreamMapping[] = [];
let tables = 0;

afterEach(async () => {
  await Promise.all(running.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  sqs.destroy();
  await fauxqs.stop();
});

async function newTable(): Promise<string> {
  const tableName = `patients-${++tables}`;
  await createTable(items, {
    tableName,
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
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  });
  return tableName;
}

async function put(tableName: string, pk: string, ...names: string[]): Promise<void> {
  for (const sk of names) {
    await items.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: pk }, sk: { S: sk } } }));
  }
}

function start(tableName: string, functions: FakeFunctions, properties: Record<string, unknown> = {}): StreamMapping {
  const mapping = startStreamMapping({
    mapping: fakeResource('ProjectMapping', 'AWS::Lambda::EventSourceMapping', {
      EventSourceArn: streamArn(tableName),
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    }),
    target: fakeFunction('Project'),
    functions,
    clock: fakeClock(),
    endpoints: { dynamodb: engine.endpoint },
    sqs,
    checkpointPath: join(directory, `${tableName}.json`),
    log: () => undefined,
    backoff: { firstMs: 1, mostMs: 5 },
  });
  running.push(mapping);
  return mapping;
}

interface Seen {
  Records: {
    eventName: string;
    dynamodb: { SequenceNumber: string; Keys: { pk: { S: string }; sk: { S: string } } };
  }[];
}

function batches(functions: FakeFunctions): string[][] {
  return functions.calls.map(({ event }) => (event as Seen).Records.map((record) => record.dynamodb.Keys.sk.S));
}

function sequenceNumberOf(event: unknown, sk: string): string | undefined {
  return (event as Seen).Records.find((record) => record.dynamodb.Keys.sk.S === sk)?.dynamodb.SequenceNumber;
}

async function newQueue(name: string): Promise<{ receive(): Promise<unknown[]> }> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return {
    receive: async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return Messages.map((message) => JSON.parse(message.Body ?? ''));
    },
  };
}

test('a record arrives as Lambda passes it: plain JSON, binary in base64, time in seconds', async () => {
  const tableName = await newTable();
  await items.send(
    new PutItemCommand({
      TableName: tableName,
      Item: { pk: { S: 'Minka' }, sk: { S: 'card' }, photo: { B: new Uint8Array([1, 2, 3]) }, ages: { NS: ['3'] } },
    }),
  );
  const functions = fakeFunctions();
  await start(tableName, functions).settled();
  expect(functions.calls).toEqual([
    {
      functionId: 'Project',
      event: {
        Records: [
          {
            eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'eu-central-1',
            dynamodb: {
              ApproximateCreationDateTime: expect.any(Number),
              Keys: { pk: { S: 'Minka' }, sk: { S: 'card' } },
              NewImage: { pk: { S: 'Minka' }, sk: { S: 'card' }, photo: { B: 'AQID' }, ages: { NS: ['3'] } },
              SequenceNumber: expect.stringMatching(/^\d+$/),
              SizeBytes: expect.any(Number),
              StreamViewType: 'NEW_AND_OLD_IMAGES',
            },
            eventSourceARN: streamArn(tableName),
          },
        ],
      },
    },
  ]);
});

test('an update carries both images and a deletion the old one', async () => {
  const tableName = await newTable();
  const Key = { pk: { S: 'Minka' }, sk: { S: 'card' } };
  await put(tableName, 'Minka', 'card');
  await items.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key,
      UpdateExpression: 'SET age = :age',
      ExpressionAttributeValues: { ':age': { N: '4' } },
    }),
  );
  await items.send(new DeleteItemCommand({ TableName: tableName, Key }));
  const functions = fakeFunctions();
  await start(tableName, functions).settled();
  const records = functions.calls.flatMap(({ event }) => (event as Seen).Records);
  expect(records.map(({ eventName, dynamodb }) => ({ eventName, ...dynamodb }))).toMatchObject([
    { eventName: 'INSERT', NewImage: Key },
    { eventName: 'MODIFY', OldImage: Key, NewImage: { ...Key, age: { N: '4' } } },
    { eventName: 'REMOVE', OldImage: { ...Key, age: { N: '4' } } },
  ]);
  expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
});

test('an update that changes nothing makes no record, as in DynamoDB', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'card', 'card', 'other');
  const functions = fakeFunctions();
  await start(tableName, functions).settled();
  expect(batches(functions)).toEqual([['card', 'other']]);
});

test('batches hold at most the batch size and keep the order', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c', 'd', 'e');
  const functions = fakeFunctions();
  await start(tableName, functions, { BatchSize: 2 }).settled();
  expect(batches(functions)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('a batching window gathers what comes within it into one call', async () => {
  const tableName = await newTable();
  const functions = fakeFunctions();
  const mapping = start(tableName, functions, { BatchSize: 3, MaximumBatchingWindowInSeconds: 20 });
  await put(tableName, 'Minka', 'a');
  await put(tableName, 'Minka', 'b');
  expect(functions.calls).toEqual([]);
  await put(tableName, 'Minka', 'c');
  await mapping.settled();
  expect(batches(functions)).toEqual([['a', 'b', 'c']]);
});

test('records that no filter matches never reach the function', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'E#1', '~h', 'B#1', '~c', 'E#2');
  const functions = fakeFunctions();
  const filter = (prefix: string) => ({
    Pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix }] } } } }),
  });
  await start(tableName, functions, { FilterCriteria: { Filters: [filter('E#'), filter('B#')] } }).settled();
  expect(batches(functions).flat()).toEqual(['E#1', 'B#1', 'E#2']);
});

test('a partial failure retries from the lowest failed record on, and nothing before it', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c', 'd');
  const functions = fakeFunctions((event, call) =>
    call === 1 ? itemFailures(sequenceNumberOf(event, 'd'), sequenceNumberOf(event, 'c')) : succeeded(),
  );
  await start(tableName, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] }).settled();
  expect(batches(functions)).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ]);
});

test('an answer that names an unknown record fails the whole batch', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b');
  const functions = fakeFunctions((_, call) => (call === 1 ? itemFailures('nonsense') : succeeded()));
  await start(tableName, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] }).settled();
  expect(batches(functions)).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('without ReportBatchItemFailures such an answer is a success', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a');
  const functions = fakeFunctions((event) => itemFailures(sequenceNumberOf(event, 'a')));
  await start(tableName, functions).settled();
  expect(batches(functions)).toEqual([['a']]);
});

test('a record that keeps failing goes to the on-failure queue after its retries, the others move on', async () => {
  const tableName = await newTable();
  const queue = await newQueue('repair-leaf');
  await put(tableName, 'Minka', 'a', 'poison', 'b', 'c');
  const functions = fakeFunctions((event) => {
    const poison = sequenceNumberOf(event, 'poison');
    return poison === undefined ? succeeded() : itemFailures(poison);
  });
  await start(tableName, functions, {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 2,
    DestinationConfig: { OnFailure: { Destination: queueArn('repair-leaf') } },
  }).settled();
  expect(batches(functions)).toEqual([
    ['a', 'poison', 'b', 'c'],
    ['poison', 'b', 'c'],
    ['poison', 'b'],
    ['poison'],
    ['poison'],
    ['b'],
    ['c'],
  ]);
  expect(await queue.receive()).toEqual([
    {
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:practice-Project',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
      version: '1.0',
      timestamp: '2026-01-15T10:00:00.000Z',
      DDBStreamBatchInfo: {
        shardId: expect.stringContaining('shardId'),
        startSequenceNumber: '2',
        endSequenceNumber: '2',
        approximateArrivalOfFirstRecord: expect.stringMatching(/^[\d-]+T[\d:]+Z$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/^[\d-]+T[\d:]+Z$/),
        batchSize: 1,
        streamArn: streamArn(tableName),
      },
    },
  ]);
});

test('without bisecting the whole remaining batch is given up, as Lambda does', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c');
  const functions = fakeFunctions(() => failed());
  const mapping = start(tableName, functions, { BatchSize: 2, MaximumRetryAttempts: 1 });
  await mapping.settled();
  expect(batches(functions)).toEqual([['a', 'b'], ['a', 'b'], ['c'], ['c']]);
});

test('throttling costs no retry', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a');
  const functions = fakeFunctions((_, call) => (call <= 5 ? throttled() : succeeded()));
  await start(tableName, functions, { MaximumRetryAttempts: 0 }).settled();
  expect(batches(functions)).toEqual([['a'], ['a'], ['a'], ['a'], ['a'], ['a']]);
});

test('records older than their maximum age are given up without a call', async () => {
  const tableName = await newTable();
  const queue = await newQueue('too-old');
  await put(tableName, 'Minka', 'a');
  const functions = fakeFunctions((_, call) => (call < 1000 ? failed() : succeeded()));
  await start(tableName, functions, {
    MaximumRecordAgeInSeconds: 1,
    DestinationConfig: { OnFailure: { Destination: queueArn('too-old') } },
  }).settled();
  expect(await queue.receive()).toMatchObject([
    { requestContext: { condition: 'RecordAgeExceeded' }, DDBStreamBatchInfo: { batchSize: 1 } },
  ]);
});

test('with several batches under way the records of one partition key stay in order', async () => {
  const tableName = await newTable();
  const names = Array.from({ length: 12 }, (_, index) => String(index).padStart(2, '0'));
  for (const name of names) for (const pk of ['Minka', 'Rex', 'Bello', 'Luna']) await put(tableName, pk, name);
  let underWay = 0;
  let most = 0;
  const functions = fakeFunctions(async (_, call) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return call % 3 === 0 ? failed() : succeeded();
  });
  await start(tableName, functions, { ParallelizationFactor: 4, BatchSize: 3 }).settled();
  const firstSeen: Record<string, string[]> = {};
  for (const { dynamodb } of functions.calls.flatMap(({ event }) => (event as Seen).Records)) {
    const { pk, sk } = dynamodb.Keys;
    const seen = firstSeen[pk.S] ?? [];
    firstSeen[pk.S] = seen.includes(sk.S) ? seen : [...seen, sk.S];
  }
  expect(firstSeen).toEqual({ Minka: names, Rex: names, Bello: names, Luna: names });
  expect(most).toBeGreaterThan(1);
});

test('a restart goes on where it was: nothing twice, nothing lost', async () => {
  const tableName = await newTable();
  const before = fakeFunctions();
  await put(tableName, 'Minka', 'a', 'b');
  const first = start(tableName, before);
  await first.settled();
  await first.stop();
  await put(tableName, 'Minka', 'c', 'd');
  const after = fakeFunctions();
  await start(tableName, after).settled();
  expect(batches(before).flat()).toEqual(['a', 'b']);
  expect(batches(after).flat()).toEqual(['c', 'd']);
});

test('what had not succeeded when the mapping stopped comes again', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c');
  const before = fakeFunctions((_, call) => (call === 1 ? succeeded() : failed()));
  const first = start(tableName, before, { BatchSize: 1 });
  await expect.poll(() => before.calls.length).toBeGreaterThan(2);
  await first.stop();
  const after = fakeFunctions();
  await start(tableName, after, { BatchSize: 1 }).settled();
  expect(batches(after)).toEqual([['b'], ['c']]);
});

test('a mapping from LATEST on skips what was there, and a restart skips nothing', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'old');
  const before = fakeFunctions();
  const first = start(tableName, before, { StartingPosition: 'LATEST' });
  await first.settled();
  await first.stop();
  await put(tableName, 'Minka', 'while-down');
  const after = fakeFunctions();
  await start(tableName, after, { StartingPosition: 'LATEST' }).settled();
  expect(before.calls).toEqual([]);
  expect(batches(after)).toEqual([['while-down']]);
});

test('what the mapping consumed may be trimmed: a restart still finds the rest', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c');
  const first = start(tableName, fakeFunctions());
  await first.settled();
  await first.stop();
  expect(first.consumedUpTo()).toBe('3');
  engine.streams?.trimBefore(tableName, first.consumedUpTo() ?? '0');
  await put(tableName, 'Minka', 'd');
  const after = fakeFunctions();
  await start(tableName, after).settled();
  expect(batches(after)).toEqual([['d']]);
});

test('a mapping that starts before its table waits for it', async () => {
  const functions = fakeFunctions();
  const mapping = start(`patients-${tables + 1}`, functions);
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a');
  await mapping.settled();
  expect(batches(functions)).toEqual([['a']]);
});
