import { expect } from 'vitest';
import { failed, fakeFunctions, itemFailures, queueArn, succeeded, throttled } from '../events-support.ts';
import {
  bodies,
  bodiesIn,
  isEmpty,
  newQueue,
  newQueueWithDeadLetters,
  type QueueEvent,
  records,
  send,
  start,
} from '../queue-mapping-support.ts';
import { contract } from './contract.ts';

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';

contract('a function fed from a queue', [
  {
    behaviour: 'a message arrives as plain JSON and is deleted after success',
    source: `${lambda}/with-sqs.html`,
    test: async () => {
      const queue = await newQueue();
      const messageId = await send(queue.url, 'vaccination due', {
        customer: { DataType: 'String', StringValue: 'Lena' },
        seal: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      });
      const functions = fakeFunctions();
      await start(queue, functions).settled();
      expect(functions.calls).toEqual([
        {
          functionId: 'SendMessage',
          event: {
            Records: [
              {
                messageId,
                receiptHandle: expect.any(String),
                body: 'vaccination due',
                attributes: {
                  SenderId: '000000000000',
                  SentTimestamp: expect.stringMatching(/^\d{13}$/),
                  ApproximateReceiveCount: '1',
                  ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
                },
                messageAttributes: {
                  customer: { stringValue: 'Lena', stringListValues: [], binaryListValues: [], dataType: 'String' },
                  seal: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
                },
                md5OfBody: 'da0d79d60ca9c28e6f8e43dec24a3774',
                md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
                eventSource: 'aws:sqs',
                eventSourceARN: queueArn(queue.name),
                awsRegion: 'eu-central-1',
              },
            ],
          },
        },
      ]);
      expect(await isEmpty(queue.url)).toBe(true);
    },
  },
  {
    behaviour: 'a batch holds at most the batch size',
    source: `${lambda}/services-sqs-configure.html`,
    test: async () => {
      const queue = await newQueue();
      for (const body of ['a', 'b', 'c', 'd', 'e']) await send(queue.url, body);
      const functions = fakeFunctions();
      await start(queue, functions, { BatchSize: 2, ScalingConfig: { MaximumConcurrency: 2 } }).settled();
      expect(bodies(functions)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    },
  },
  {
    behaviour: 'a batching window fills batches beyond one receive',
    source: `${lambda}/services-sqs-configure.html`,
    test: async () => {
      const queue = await newQueue({ VisibilityTimeout: '30' });
      const names = Array.from({ length: 25 }, (_, index) => `m${index}`);
      for (const name of names) await send(queue.url, name);
      const functions = fakeFunctions();
      await start(queue, functions, { BatchSize: 25, MaximumBatchingWindowInSeconds: 20 }).settled();
      expect(bodies(functions)).toEqual([names]);
    },
  },
  {
    behaviour: 'a batch ends at the 6 MB that an event may have',
    source: `${lambda}/services-sqs-configure.html`,
    test: async () => {
      const queue = await newQueue({ VisibilityTimeout: '30' });
      const body = 'x'.repeat(1024 * 1024);
      for (let index = 0; index < 7; index++) await send(queue.url, body);
      const functions = fakeFunctions();
      await start(queue, functions).settled();
      const bytes = functions.calls.map(({ event }) => JSON.stringify(event).length);
      expect(Math.max(...bytes)).toBeLessThanOrEqual(6 * 1024 * 1024);
      expect(bodies(functions).flat()).toHaveLength(7);
      expect(await isEmpty(queue.url)).toBe(true);
    },
  },
  {
    behaviour: 'messages that no filter matches are deleted unseen',
    source: `${lambda}/with-sqs-filtering.html`,
    test: async () => {
      const queue = await newQueue();
      for (const kind of ['reminder', 'survey', 'reminder']) await send(queue.url, JSON.stringify({ kind }));
      await send(queue.url, 'not json');
      const functions = fakeFunctions();
      const filters = { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["reminder"]}}' }] } };
      await start(queue, functions, filters).settled();
      expect(bodies(functions).flat()).toEqual(['{"kind":"reminder"}', '{"kind":"reminder"}']);
      expect(await isEmpty(queue.url)).toBe(true);
    },
  },
  {
    behaviour: 'a failed message is visible again after its time-out, with a higher receive count',
    source: `${lambda}/services-sqs-errorhandling.html`,
    test: async () => {
      const queue = await newQueue();
      await send(queue.url, 'a');
      const functions = fakeFunctions((_, call) => (call === 1 ? failed() : succeeded()));
      start(queue, functions);
      await expect.poll(() => functions.calls.length, { timeout: 10_000 }).toBe(2);
      expect(records(functions).map((record) => record.attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
    },
  },
  {
    behaviour: 'after maxReceiveCount failures the message lies in the dead-letter queue',
    source: `${lambda}/services-sqs-configure.html`,
    test: async () => {
      const { dead, queue } = await newQueueWithDeadLetters(2);
      await send(queue.url, 'poison');
      const functions = fakeFunctions(() => failed());
      start(queue, functions);
      await expect.poll(() => bodiesIn(dead.url), { timeout: 10_000 }).toEqual(['poison']);
      expect(bodies(functions)).toEqual([['poison'], ['poison']]);
    },
  },
  {
    behaviour: 'of a partly failed batch only the failed messages come again',
    source: `${lambda}/services-sqs-errorhandling.html`,
    test: async () => {
      const { dead, queue } = await newQueueWithDeadLetters(2);
      for (const body of ['a', 'poison', 'b']) await send(queue.url, body);
      const functions = fakeFunctions((event) => {
        const poison = (event as QueueEvent).Records.find((record) => record.body === 'poison');
        return poison ? itemFailures(poison.messageId) : succeeded();
      });
      start(queue, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await expect.poll(() => bodiesIn(dead.url), { timeout: 10_000 }).toEqual(['poison']);
      expect(bodies(functions)).toEqual([['a', 'poison', 'b'], ['poison']]);
    },
  },
  {
    behaviour: 'no more batches are under way than the maximum concurrency',
    source: `${lambda}/services-sqs-scaling.html`,
    test: async () => {
      const queue = await newQueue({ VisibilityTimeout: '30' });
      for (let index = 0; index < 12; index++) await send(queue.url, `m${index}`);
      const release: (() => void)[] = [];
      const functions = fakeFunctions(async () => {
        await new Promise<void>((resolve) => release.push(resolve));
        return succeeded();
      });
      const mapping = start(queue, functions, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 } });
      for (let done = 0; done < 12; done++) {
        await expect.poll(() => release.length, { interval: 2 }).toBe(Math.min(3, 12 - done));
        release.shift()?.();
      }
      await mapping.settled();
      expect(functions.calls).toHaveLength(12);
    },
  },
  {
    behaviour: 'a throttled batch waits for room instead of using up its receives',
    source: `${lambda}/services-sqs-errorhandling.html`,
    test: async () => {
      const { dead, queue } = await newQueueWithDeadLetters(1, { VisibilityTimeout: '60' });
      await send(queue.url, 'a');
      const functions = fakeFunctions((_, call) => (call <= 3 ? throttled() : succeeded()));
      await start(queue, functions).settled();
      expect(bodies(functions)).toEqual([['a'], ['a'], ['a'], ['a']]);
      expect(await isEmpty(dead.url)).toBe(true);
    },
  },
  {
    behaviour: 'an answer that names an unknown message, or none, fails the whole batch',
    source: `${lambda}/services-sqs-errorhandling.html`,
    test: async () => {
      const given = ['nonsense', '', undefined].map(async (identifier) => {
        const { dead, queue } = await newQueueWithDeadLetters(1);
        for (const body of ['a', 'b']) await send(queue.url, body);
        const functions = fakeFunctions(() => itemFailures(identifier));
        await start(queue, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] }).settled();
        return dead.url;
      });
      for (const url of await Promise.all(given)) {
        await expect.poll(async () => (await bodiesIn(url)).toSorted(), { timeout: 10_000 }).toEqual(['a', 'b']);
      }
    },
  },
  {
    behaviour: 'without ReportBatchItemFailures only an error of the function fails a batch',
    source: `${lambda}/services-sqs-errorhandling.html`,
    test: async () => {
      const queue = await newQueue();
      const messageId = await send(queue.url, 'a');
      await start(
        queue,
        fakeFunctions(() => itemFailures(messageId)),
      ).settled();
      expect(await isEmpty(queue.url)).toBe(true);
    },
  },
]);
