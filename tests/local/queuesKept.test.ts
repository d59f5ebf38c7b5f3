import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../local/clock/createClock.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import type { Messaging } from '../../local/messaging/startMessaging.ts';
import { temporaryDirectory } from './events-support.ts';
import { startQueues, topicArn } from './queues-support.ts';

const directory = temporaryDirectory();
/** The services in a process of their own that can be killed. */
async function startChild(dataDir: string) {
  const source = new URL('./queues-support.ts', import.meta.url).href;
  const script = `const { startQueues } = await import(${JSON.stringify(source)});
    const { endpoint } = await startQueues(${JSON.stringify(dataDir)});
    process.stdout.write(endpoint);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const endpoint = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return { endpoint, kill };
}

async function startHere(dataDir: string): Promise<Messaging> {
  const messaging = await startQueues(dataDir);
  onTestFinished(() => messaging.stop());
  return messaging;
}

function clientsOf(endpoint: string) {
  const sqs = new SQSClient(clientSettings(endpoint));
  const sns = new SNSClient(clientSettings(endpoint));
  onTestFinished(() => {
    sqs.destroy();
    sns.destroy();
  });
  const url = (name: string) => `${endpoint}/000000000000/${name}`;
  const receive = async (name: string, more: object = {}) => {
    const command = { QueueUrl: url(name), MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
    return (await sqs.send(new ReceiveMessageCommand({ ...command, ...more }))).Messages ?? [];
  };
  const send = (body: string, more: object = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl: url('due'), MessageBody: body, ...more }));
  return { sqs, sns, url, receive, send };
}

test('killed with SIGKILL, queues hold again what was accepted and not deleted, wherever it was', async () => {
  const dataDir = join(directory, 'killed');
  const child = await startChild(dataDir);
  const { sqs, sns, url, receive, send } = clientsOf(child.endpoint);
  await send('dead', { MessageAttributes: { why: { DataType: 'String', StringValue: 'unreadable' } } });
  for (let times = 0; times < 3; times++) await receive('due', { VisibilityTimeout: 0 });
  await send('done');
  const [done] = await receive('due');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url('due'), ReceiptHandle: done?.ReceiptHandle }));
  await send('being handled');
  await receive('due');
  await send('given back');
  const [back] = await receive('due');
  const again = { QueueUrl: url('due'), ReceiptHandle: back?.ReceiptHandle, VisibilityTimeout: 0 };
  await sqs.send(new ChangeMessageVisibilityCommand(again));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: url('due'), Entries: [{ Id: '0', MessageBody: 'waiting' }] }));
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'announced' }));
  await send('later', { DelaySeconds: 60 });
  await child.kill();

  const messaging = await startHere(dataDir);
  const after = clientsOf(messaging.endpoint);
  const found = await after.receive('due');
  const countOf = ({ Attributes }: (typeof found)[number]) => Attributes?.ApproximateReceiveCount;
  expect(found.map((message) => [message.Body, countOf(message)]).toSorted()).toEqual([
    ['announced', '1'],
    ['being handled', '2'],
    ['given back', '2'],
    ['waiting', '1'],
  ]);
  expect(await after.receive('dead', { MessageAttributeNames: ['All'] })).toMatchObject([
    { Body: 'dead', MessageAttributes: { why: { StringValue: 'unreadable' } } },
  ]);
  expect(messaging.queues().map(({ name, delayed }) => [name, delayed])).toEqual([
    ['dead', 0],
    ['due', 1],
  ]);
});

test('what is deleted after one crash does not come back after the next', async () => {
  const dataDir = join(directory, 'twice');
  const first = await startChild(dataDir);
  await clientsOf(first.endpoint).send('vaccination due');
  await first.kill();
  const second = await startChild(dataDir);
  const { receive, sqs, url } = clientsOf(second.endpoint);
  const [found] = await receive('due');
  expect(found?.Body).toBe('vaccination due');
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url('due'), ReceiptHandle: found?.ReceiptHandle }));
  await second.kill();
  const { endpoint } = await startHere(dataDir);
  expect(await clientsOf(endpoint).receive('due')).toEqual([]);
});

test('a description of an object that a crash cut off keeps nothing from starting', async () => {
  const dataDir = join(directory, 'torn');
  const first = await startQueues(dataDir);
  first.createBucket('mails');
  await first.stop();
  writeFileSync(join(dataDir, 's3', 'buckets', 'mails', 'objects', 'raw.meta.json'), '{"key":"ra');
  writeFileSync(join(dataDir, 's3', 'buckets', 'mails', '.bucket.json'), '');
  await expect(startHere(dataDir)).resolves.toBeDefined();
});

test('a delay follows the clock, also over a restart, and never makes a message vanish', async () => {
  const dataDir = join(directory, 'delayed');
  const clock = createClock();
  const first = await startQueues(dataDir, clock);
  const { send, receive } = clientsOf(first.endpoint);
  await send('in ten minutes', { DelaySeconds: 600 });
  await send('in a quarter of an hour', { DelaySeconds: 900 });
  clock.advance(11 * 60_000);
  expect((await receive('due')).map(({ Body }) => Body)).toEqual(['in ten minutes']);
  await first.stop();
  const second = await startQueues(dataDir, clock);
  onTestFinished(() => second.stop());
  const after = clientsOf(second.endpoint);
  expect((await after.receive('due')).map(({ Body }) => Body)).toEqual(['in ten minutes']);
  clock.advance(5 * 60_000);
  expect((await after.receive('due')).map(({ Body }) => Body)).toEqual(['in a quarter of an hour']);
});
