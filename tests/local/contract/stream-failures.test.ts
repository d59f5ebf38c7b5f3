import { expect } from 'vitest';
import { failed, fakeFunctions, itemFailures, queueArn, streamArn, succeeded, throttled } from '../events-support.ts';
import { batches, newQueue, newTable, put, sequenceNumberOf, start } from '../stream-mapping-support.ts';
import { contract } from './contract.ts';

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';

contract('a function that fails on a stream', [
  {
    behaviour: 'a partial failure retries from the lowest failed record on, and nothing before it',
    source: `${lambda}/services-ddb-batchfailurereporting.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'an answer that names an unknown record fails the whole batch',
    source: `${lambda}/services-ddb-batchfailurereporting.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a', 'b');
      const functions = fakeFunctions((_, call) => (call === 1 ? itemFailures('nonsense') : succeeded()));
      await start(tableName, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] }).settled();
      expect(batches(functions)).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]);
    },
  },
  {
    behaviour: 'without ReportBatchItemFailures only an error of the function fails a batch',
    source: `${lambda}/services-ddb-batchfailurereporting.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a');
      const functions = fakeFunctions((event) => itemFailures(sequenceNumberOf(event, 'a')));
      await start(tableName, functions).settled();
      expect(batches(functions)).toEqual([['a']]);
    },
  },
  {
    behaviour:
      'bisecting finds the record that keeps failing; after its retries the on-failure queue learns where it is, the others move on',
    source: `${lambda}/services-dynamodb-errors.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'without bisecting the whole remaining batch is given up',
    source: `${lambda}/services-dynamodb-errors.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a', 'b', 'c');
      const functions = fakeFunctions(() => failed());
      const mapping = start(tableName, functions, { BatchSize: 2, MaximumRetryAttempts: 1 });
      await mapping.settled();
      expect(batches(functions)).toEqual([['a', 'b'], ['a', 'b'], ['c'], ['c']]);
    },
  },
  {
    behaviour: 'throttling costs no retry',
    source: `${lambda}/services-dynamodb-errors.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a');
      const functions = fakeFunctions((_, call) => (call <= 5 ? throttled() : succeeded()));
      await start(tableName, functions, { MaximumRetryAttempts: 0 }).settled();
      expect(batches(functions)).toEqual([['a'], ['a'], ['a'], ['a'], ['a'], ['a']]);
    },
  },
  {
    behaviour: 'records older than their maximum age are given up without a call',
    source: `${lambda}/services-dynamodb-errors.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'a failure holds up everything behind it in its shard until its retries are used up',
    source: `${lambda}/with-ddb.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a');
      await put(tableName, 'Rex', 'b');
      const functions = fakeFunctions((_, call) => (call <= 3 ? failed() : succeeded()));
      await start(tableName, functions, { BatchSize: 1, MaximumRetryAttempts: 5 }).settled();
      expect(batches(functions)).toEqual([['a'], ['a'], ['a'], ['a'], ['b']]);
    },
  },
  {
    behaviour: 'splitting a batch uses up no retry, and halves are delivered in order',
    source: `${lambda}/services-dynamodb-errors.html`,
    test: async () => {
      const tableName = await newTable();
      await put(tableName, 'Minka', 'a', 'b', 'c', 'd');
      const functions = fakeFunctions((event) => (sequenceNumberOf(event, 'c') === undefined ? succeeded() : failed()));
      await start(tableName, functions, { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 }).settled();
      expect(batches(functions)).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['c', 'd'], ['c'], ['d']]);
    },
  },
]);
