import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createClock } from '../../local/clock/createClock.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type QueueMapping, startQueueMapping } from '../../local/events/queueMapping.ts';
import type { InvocationResult, TestClock } from '../../local/ports.ts';
import {
  type FakeFunctions,
  failed,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  itemFailures,
  queueArn,
  succeeded,
  throttled,
} from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const running: QueueMapping[] = [];
let queues = 0;

afterEach(async () => {
  await Promise.all(running.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  sqs.destroy();
  await fauxqs.stop();
});

async function newQueue(attributes: Record<string, string> = {}): Promise<{ name: string; url: string }> {
  const name = `reminders-${++queues}`;
  const Attributes = { VisibilityTimeout: '1', ...attributes };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return { name, url: QueueUrl };
}

async function newQueueWithDeadLetters(maxReceiveCount: number, attributes: Record<string, string> = {}) {
  const dead = await newQueue();
  const deadLetterTargetArn = queueArn(dead.name);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
  const queue = await newQueue({ RedrivePolicy, ...attributes });
  return { dead, queue };
}

async function send(url: string, body: string, MessageAttributes?: Record<string, MessageAttributeValue>) {
  const message = { QueueUrl: url, MessageBody: body, ...(MessageAttributes && { MessageAttributes }) };
  return (await sqs.send(new SendMessageCommand(message))).MessageId ?? '';
}

function start(
  queue: { name: string },
  functions: FakeFunctions,
  properties: Record<string, unknown> = {},
  clock: TestClock = createClock(),
) {
  const mapping = startQueueMapping({
    mapping: fakeResource('SendMapping', 'AWS::Lambda::EventSourceMapping', {
      EventSourceArn: queueArn(queue.name),
      ...properties,
    }),
    target: fakeFunction('SendMessage'),
    functions,
    clock,
    sqs,
    log: () => undefined,
  });
  running.push(mapping);
  return mapping;
}

interface Seen {
  Records: { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[];
}

function records(functions: FakeFunctions): Seen['Records'] {
  return functions.calls.flatMap(({ event }) => (event as Seen).Records);
}

function bodies(functions: FakeFunctions): string[][] {
  return functions.calls.map(({ event }) => (event as Seen).Records.map((record) => record.body));
}

async function bodiesIn(url: string): Promise<(string | undefined)[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
  return Messages.map((message) => message.Body);
}

async function isEmpty(url: string): Promise<boolean> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  return Attributes?.ApproximateNumberOfMessages === '0' && Attributes.ApproximateNumberOfMessagesNotVisible === '0';
}

test('a message arrives as Lambda passes it and is deleted after success', async () => {
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
});

test('a batch holds at most the batch size', async () => {
  const queue = await newQueue();
  for (const body of ['a', 'b', 'c', 'd', 'e']) await send(queue.url, body);
  const functions = fakeFunctions();
  await start(queue, functions, { BatchSize: 2, ScalingConfig: { MaximumConcurrency: 2 } }).settled();
  expect(bodies(functions)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('a batching window fills batches beyond one receive', async () => {
  const queue = await newQueue({ VisibilityTimeout: '30' });
  const names = Array.from({ length: 25 }, (_, index) => `m${index}`);
  for (const name of names) await send(queue.url, name);
  const functions = fakeFunctions();
  await start(queue, functions, { BatchSize: 25, MaximumBatchingWindowInSeconds: 20 }).settled();
  expect(bodies(functions)).toEqual([names]);
});

test('messages that no filter matches are deleted unseen', async () => {
  const queue = await newQueue();
  for (const kind of ['reminder', 'survey', 'reminder']) await send(queue.url, JSON.stringify({ kind }));
  await send(queue.url, 'not json');
  const functions = fakeFunctions();
  const filters = { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["reminder"]}}' }] } };
  await start(queue, functions, filters).settled();
  expect(bodies(functions).flat()).toEqual(['{"kind":"reminder"}', '{"kind":"reminder"}']);
  expect(await isEmpty(queue.url)).toBe(true);
});

test('a failed message is visible again after its time-out, with a higher receive count', async () => {
  const queue = await newQueue();
  await send(queue.url, 'a');
  const functions = fakeFunctions((_, call) => (call === 1 ? failed() : succeeded()));
  start(queue, functions);
  await expect.poll(() => functions.calls.length, { timeout: 10_000 }).toBe(2);
  expect(records(functions).map((record) => record.attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
});

test('after maxReceiveCount failures the message lies in the dead-letter queue', async () => {
  const { dead, queue } = await newQueueWithDeadLetters(2);
  await send(queue.url, 'poison');
  const functions = fakeFunctions(() => failed());
  start(queue, functions);
  await expect.poll(() => bodiesIn(dead.url), { timeout: 10_000 }).toEqual(['poison']);
  expect(bodies(functions)).toEqual([['poison'], ['poison']]);
});

test('of a partly failed batch only the failed messages come again', async () => {
  const { dead, queue } = await newQueueWithDeadLetters(2);
  for (const body of ['a', 'poison', 'b']) await send(queue.url, body);
  const functions = fakeFunctions((event) => {
    const poison = (event as Seen).Records.find((record) => record.body === 'poison');
    return poison ? itemFailures(poison.messageId) : succeeded();
  });
  start(queue, functions, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
  await expect.poll(() => bodiesIn(dead.url), { timeout: 10_000 }).toEqual(['poison']);
  expect(bodies(functions)).toEqual([['a', 'poison', 'b'], ['poison']]);
});

test('the queue counts as settled while a failed message waits for its visibility time-out', async () => {
  const queue = await newQueue({ VisibilityTimeout: '3600' });
  for (const body of ['a', 'b']) await send(queue.url, body);
  const functions = fakeFunctions((_, call) => (call === 1 ? failed() : succeeded()));
  await start(queue, functions, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } }).settled();
  expect(bodies(functions)).toEqual([['a'], ['b']]);
});

test('no more batches are under way than the maximum concurrency', async () => {
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
});

test('a throttled batch waits for room instead of using up its receives', async () => {
  const { dead, queue } = await newQueueWithDeadLetters(1, { VisibilityTimeout: '60' });
  await send(queue.url, 'a');
  const functions = fakeFunctions((_, call) => (call <= 3 ? throttled() : succeeded()));
  await start(queue, functions).settled();
  expect(bodies(functions)).toEqual([['a'], ['a'], ['a'], ['a']]);
  expect(await isEmpty(dead.url)).toBe(true);
});

test('a mapping that starts before its queue waits for it', async () => {
  const functions = fakeFunctions();
  const mapping = start({ name: `reminders-${queues + 1}` }, functions);
  const queue = await newQueue();
  await send(queue.url, 'a');
  await mapping.settled();
  expect(bodies(functions)).toEqual([['a']]);
});

test('a failed message comes again when the clock has moved beyond its visibility time-out, not before', async () => {
  const queue = await newQueue({ VisibilityTimeout: '180' });
  await send(queue.url, 'not yet');
  const functions = fakeFunctions((_event, call) => (call === 1 ? failed() : succeeded()));
  const clock = createClock();
  const mapping = start(queue, functions, {}, clock);
  await mapping.settled();
  clock.advance(60_000);
  await mapping.settled();
  expect(functions.calls).toHaveLength(1);
  clock.advance(121_000);
  await mapping.settled();
  expect(records(functions).map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
});

test('what is being handled while the clock jumps is not handed out a second time', async () => {
  const queue = await newQueue({ VisibilityTimeout: '180' });
  await send(queue.url, 'vaccination due');
  const answer = Promise.withResolvers<InvocationResult>();
  const functions = fakeFunctions(() => answer.promise);
  const clock = createClock();
  const mapping = start(queue, functions, {}, clock);
  await expect.poll(() => functions.calls.length).toBe(1);
  clock.advance(86_400_000);
  expect(await bodiesIn(queue.url)).toEqual([]);
  answer.resolve(succeeded());
  await mapping.settled();
  expect(functions.calls).toHaveLength(1);
});
