import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach } from 'vitest';
import { createClock } from '../../local/clock/createClock.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type QueueMapping, startQueueMapping } from '../../local/events/queueMapping.ts';
import type { TestClock } from '../../local/ports.ts';
import { type FakeFunctions, fakeFunction, fakeResource, queueArn } from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const running: QueueMapping[] = [];
let queues = 0;

/** The name that the next queue will have. */
export const nextQueueName = () => `reminders-${queues + 1}`;

afterEach(async () => {
  await Promise.all(running.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  sqs.destroy();
  await fauxqs.stop();
});

export async function newQueue(attributes: Record<string, string> = {}): Promise<{ name: string; url: string }> {
  const name = `reminders-${++queues}`;
  const Attributes = { VisibilityTimeout: '1', ...attributes };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return { name, url: QueueUrl };
}

export async function newQueueWithDeadLetters(maxReceiveCount: number, attributes: Record<string, string> = {}) {
  const dead = await newQueue();
  const deadLetterTargetArn = queueArn(dead.name);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
  const queue = await newQueue({ RedrivePolicy, ...attributes });
  return { dead, queue };
}

export async function send(url: string, body: string, MessageAttributes?: Record<string, MessageAttributeValue>) {
  const message = { QueueUrl: url, MessageBody: body, ...(MessageAttributes && { MessageAttributes }) };
  return (await sqs.send(new SendMessageCommand(message))).MessageId ?? '';
}

/** Feeds a function from a queue; it stops after the test. */
export function start(
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

export interface QueueEvent {
  Records: { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[];
}

export function records(functions: FakeFunctions): QueueEvent['Records'] {
  return functions.calls.flatMap(({ event }) => (event as QueueEvent).Records);
}

export function bodies(functions: FakeFunctions): string[][] {
  return functions.calls.map(({ event }) => (event as QueueEvent).Records.map((record) => record.body));
}

export async function bodiesIn(url: string): Promise<(string | undefined)[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
  return Messages.map((message) => message.Body);
}

export async function isEmpty(url: string): Promise<boolean> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  return Attributes?.ApproximateNumberOfMessages === '0' && Attributes.ApproximateNumberOfMessagesNotVisible === '0';
}
