import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { waitFor } from '../../support/platform.ts';
import { contract } from './contract.ts';
import { isGiven, startContractQueues } from './endpoints.ts';

const { sqs, createQueue } = await startContractQueues();
const guide = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';
const mostBytes = 1024 * 1024;

const send = (url: string, body: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...more }));
const receive = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
  const all = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
  const wanted = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, ...all, ...more };
  return (await sqs.send(new ReceiveMessageCommand(wanted))).Messages ?? [];
};
/** The next message, within seconds. */
const next = (url: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  waitFor(async () => (await receive(url, { MaxNumberOfMessages: 1, ...more }))[0]);
const receivedTimes = ({ Attributes }: Message) => Attributes?.ApproximateReceiveCount;
const attribute = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });

contract(
  'queues',
  [
    {
      behaviour: 'who receives a message has it alone until its visibility time-out, then it comes again, counted',
      source: `${guide}/sqs-visibility-timeout.html`,
      test: async () => {
        const { url } = await createQueue({ VisibilityTimeout: '1' });
        await send(url, 'vaccination due');
        const first = await next(url);
        expect(await receive(url, { WaitTimeSeconds: 0 })).toEqual([]);
        const second = await next(url);
        expect([first.Body, second.Body]).toEqual(['vaccination due', 'vaccination due']);
        expect(second.MessageId).toBe(first.MessageId);
        expect([first, second].map(receivedTimes)).toEqual(['1', '2']);
      },
    },
    {
      behaviour: 'the time-out of a message that was received can be ended',
      source: `${guide}/sqs-visibility-timeout.html`,
      test: async () => {
        const { url } = await createQueue({ VisibilityTimeout: '600' });
        await send(url, 'a');
        const { ReceiptHandle } = await next(url);
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
        expect(receivedTimes(await next(url))).toBe('2');
      },
    },
    {
      behaviour: 'what was deleted does not come again',
      source: `${guide}/sqs-visibility-timeout.html`,
      test: async () => {
        const { url } = await createQueue({ VisibilityTimeout: '1' });
        await send(url, 'a');
        const { ReceiptHandle } = await next(url);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        await pause(1_100);
        expect(await receive(url, { WaitTimeSeconds: 0 })).toEqual([]);
      },
    },
    {
      behaviour:
        'a message that was received as often as the redrive policy allows goes to the dead letters, unchanged',
      source: `${guide}/sqs-dead-letter-queues.html`,
      test: async () => {
        const dead = await createQueue();
        const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
        const { url } = await createQueue({ RedrivePolicy });
        const { MessageId } = await send(url, 'poison', { MessageAttributes: { why: attribute('unreadable') } });
        const first = await next(url, { VisibilityTimeout: 0 });
        const second = await next(url, { VisibilityTimeout: 0 });
        expect([first, second].map(receivedTimes)).toEqual(['1', '2']);
        expect(await receive(url)).toEqual([]);
        expect(await next(dead.url)).toMatchObject({
          MessageId,
          Body: 'poison',
          MessageAttributes: { why: attribute('unreadable') },
          Attributes: { SentTimestamp: first.Attributes?.SentTimestamp },
        });
      },
    },
    {
      behaviour: 'a delayed message is hidden until its delay is over; delays are at most 15 minutes',
      source: `${guide}/sqs-message-timers.html`,
      test: async () => {
        const { url } = await createQueue();
        await send(url, 'later', { DelaySeconds: 1 });
        expect(await receive(url, { WaitTimeSeconds: 0 })).toEqual([]);
        expect((await next(url)).Body).toBe('later');
        await expect(send(url, 'x', { DelaySeconds: 901 })).rejects.toThrow(/DelaySeconds/);
        const Entries = [900, 901].map((DelaySeconds) => ({ Id: `${DelaySeconds}`, MessageBody: 'x', DelaySeconds }));
        const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        expect(sent.Successful).toMatchObject([{ Id: '900' }]);
        expect(sent.Failed).toMatchObject([{ Id: '901', Code: 'InvalidParameterValue', SenderFault: true }]);
        const late = Entries.filter(({ DelaySeconds }) => DelaySeconds > 900);
        const alone = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: late }));
        expect([alone.Successful ?? [], alone.Failed?.length]).toEqual([[], 1]);
      },
    },
    {
      behaviour: 'who waits for a message gets it when it comes',
      source: `${guide}/sqs-short-and-long-polling.html`,
      test: async () => {
        const { url } = await createQueue();
        const waiting = receive(url, { WaitTimeSeconds: 20 });
        await send(url, 'a');
        expect((await waiting).map(({ Body }) => Body)).toEqual(['a']);
      },
    },
    {
      behaviour: 'a message has at most 1 MiB, its attributes counted',
      source: `${guide}/quotas-messages.html`,
      test: async () => {
        const { url } = await createQueue();
        await send(url, 'x'.repeat(mostBytes));
        await expect(send(url, 'x'.repeat(mostBytes + 1))).rejects.toThrow(/1048576/);
        const MessageAttributes = { why: attribute('because') };
        const body = 'x'.repeat(mostBytes - 'whyStringbecause'.length);
        await send(url, body, { MessageAttributes });
        await expect(send(url, `${body}x`, { MessageAttributes })).rejects.toThrow(/1048576/);
      },
    },
    {
      behaviour: 'one request sends at most ten messages of together 1 MiB',
      source: `${guide}/quotas-messages.html`,
      test: async () => {
        const { url } = await createQueue();
        const sendMany = (count: number, bytes: number) => {
          const Entries = Array.from({ length: count }, (_, index) => ({
            Id: String(index),
            MessageBody: 'x'.repeat(bytes),
          }));
          return sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        };
        expect((await sendMany(10, mostBytes / 16)).Successful).toHaveLength(10);
        await expect(sendMany(11, 1)).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
        await expect(sendMany(2, mostBytes / 2 + 1)).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
      },
    },
    {
      behaviour: 'one request receives at most ten messages',
      source: `${guide}/quotas-messages.html`,
      test: async () => {
        const { url } = await createQueue();
        await expect(receive(url, { MaxNumberOfMessages: 11 })).rejects.toThrow(/MaxNumberOfMessages/);
      },
    },
  ],
  { given: isGiven('SQS') },
);
