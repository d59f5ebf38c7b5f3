import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { payloadLimitBytes } from '../functions/workerMessages.ts';
import { parseArn } from './awsNames.ts';

/** Without what an event consists of besides its records. */
const mostBytes = payloadLimitBytes - 100;

/** A queue message as Lambda hands it to a function. */
export interface QueueRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, QueueRecordAttribute>;
  md5OfBody: string;
  md5OfMessageAttributes?: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

export interface QueueRecordAttribute {
  stringValue?: string;
  /** Base64. */
  binaryValue?: string;
  stringListValues: string[];
  binaryListValues: string[];
  dataType: string;
}

export function toQueueRecord(message: Message, queueArn: string): QueueRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: { ...message.Attributes },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toRecordAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: parseArn(queueArn).region,
  };
}

/** The records in parts that fit into one event each, in their order. */
export function inPayloads(records: readonly QueueRecord[]): QueueRecord[][] {
  const parts: QueueRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    bytes += size;
    if (bytes <= mostBytes) parts.at(-1)?.push(record);
    else {
      parts.push([record]);
      bytes = size;
    }
  }
  return parts;
}

function toRecordAttribute(value: MessageAttributeValue): QueueRecordAttribute {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType ?? 'String',
  };
}
