import {
  GetQueueUrlCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { parseArn } from './awsNames.ts';

export interface OutgoingMessage {
  body: string;
  /** For FIFO queues. */
  messageGroupId?: string;
  /** Sent as String attributes. */
  attributes?: Record<string, string>;
}

/** Sends one message to the queue of this ARN; rejects as the SDK does. */
export async function sendToQueue(sqs: SQSClient, queueArn: string, message: OutgoingMessage): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: await queueUrl(sqs, queueArn),
      MessageBody: message.body,
      ...(message.messageGroupId !== undefined && { MessageGroupId: message.messageGroupId }),
      ...(message.attributes && { MessageAttributes: asAttributes(message.attributes) }),
    }),
  );
}

/** The URL of the queue of this ARN; rejects with QueueDoesNotExist where there is none. */
export async function queueUrl(sqs: SQSClient, queueArn: string): Promise<string> {
  const known = urls.get(sqs)?.get(queueArn);
  if (known !== undefined) return known;
  const found = await sqs.send(new GetQueueUrlCommand({ QueueName: parseArn(queueArn).resource }));
  const url = found.QueueUrl ?? '';
  const ofClient = urls.get(sqs) ?? new Map<string, string>();
  urls.set(sqs, ofClient.set(queueArn, url));
  return url;
}

const urls = new WeakMap<SQSClient, Map<string, string>>();

function asAttributes(attributes: Record<string, string>): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}
