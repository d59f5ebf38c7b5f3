import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { failed, fakeFunctions, streamArn, succeeded } from '../events-support.ts';
import { batches, items, newTable, put, type StreamEvent, start } from '../stream-mapping-support.ts';
import { contract } from './contract.ts';

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';
const dynamodb = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';

contract('a function fed from a stream', [
  {
    behaviour: 'a record arrives as plain JSON, binary in base64, time in seconds',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'an update carries both images and a deletion the old one',
    source: `${dynamodb}/Streams.html`,
    test: async () => {
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
      const records = functions.calls.flatMap(({ event }) => (event as StreamEvent).Records);
      expect(records.map(({ eventName, dynamodb }) => ({ eventName, ...dynamodb }))).toMatchObject([
        { eventName: 'INSERT', NewImage: Key },
        { eventName: 'MODIFY', OldImage: Key, NewImage: { ...Key, age: { N: '4' } } },
        { eventName: 'REMOVE', OldImage: { ...Key, age: { N: '4' } } },
      ]);
      expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
    },
  },
  {
    behaviour: 'a write that changes nothing makes no record',
    source: `${dynamodb}/Streams.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'card', 'card', 'other');
      const functions = fakeFunctions();
      await start(tableName, functions).settled();
      expect(batches(functions)).toEqual([['card', 'other']]);
    },
  },
  {
    behaviour: 'batches hold at most the batch size and keep the order',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a', 'b', 'c', 'd', 'e');
      const functions = fakeFunctions();
      await start(tableName, functions, { BatchSize: 2 }).settled();
      expect(batches(functions)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    },
  },
  {
    behaviour: 'a batching window gathers what comes within it into one call',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
      const tableName = await newTable();
      const functions = fakeFunctions();
      const mapping = start(tableName, functions, { BatchSize: 3, MaximumBatchingWindowInSeconds: 20 });
      await put(tableName, 'Minka', 'a');
      await put(tableName, 'Minka', 'b');
      expect(functions.calls).toEqual([]);
      await put(tableName, 'Minka', 'c');
      await mapping.settled();
      expect(batches(functions)).toEqual([['a', 'b', 'c']]);
    },
  },
  {
    behaviour: 'records that no filter matches never reach the function',
    source: `${lambda}/with-ddb-filtering.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'E#1', '~h', 'B#1', '~c', 'E#2');
      const functions = fakeFunctions();
      const filter = (prefix: string) => ({
        Pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix }] } } } }),
      });
      await start(tableName, functions, { FilterCriteria: { Filters: [filter('E#'), filter('B#')] } }).settled();
      expect(batches(functions).flat()).toEqual(['E#1', 'B#1', 'E#2']);
    },
  },
  {
    behaviour: 'with several batches under way the records of one item stay in order, those of one partition need not',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
      const tableName = await newTable();
      const versions = Array.from({ length: 12 }, (_, index) => String(index));
      const names = ['a', 'b', 'c', 'd'];
      for (const N of versions) {
        for (const S of names) {
          const Item = { pk: { S: 'Minka' }, sk: { S }, version: { N } };
          await items.send(new PutItemCommand({ TableName: tableName, Item }));
        }
      }
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
      const seen = new Map(names.map((name) => [name, new Set<string>()]));
      for (const { dynamodb: at } of functions.calls.flatMap(({ event }) => (event as StreamEvent).Records)) {
        seen.get(at.Keys.sk.S)?.add(at.NewImage?.version?.N ?? '');
      }
      for (const name of names) expect([...(seen.get(name) ?? [])]).toEqual(versions);
      expect(most).toBeGreaterThan(1);
    },
  },
  {
    behaviour: 'a mapping from LATEST on skips what was there, and a restart skips nothing',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
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
    },
  },
]);
