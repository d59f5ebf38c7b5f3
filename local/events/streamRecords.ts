import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { parseArn } from './awsNames.ts';

/** A stream record as Lambda hands it to a function. */
export interface StreamRecord {
  eventID: string;
  eventName: string;
  eventVersion: string;
  eventSource: 'aws:dynamodb';
  awsRegion: string;
  dynamodb: {
    /** Seconds since the epoch. */
    ApproximateCreationDateTime: number;
    Keys: Record<string, unknown>;
    NewImage?: Record<string, unknown>;
    OldImage?: Record<string, unknown>;
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: string;
  };
  eventSourceARN: string;
  /** Only where DynamoDB itself deleted the item by its time to live. */
  userIdentity?: { type: string; principalId: string };
}

/** Turns what the Streams API returns into what Lambda passes on: plain JSON, binary values in base64, time in seconds. */
export function toStreamRecord(record: _Record, shardId: string, eventSourceArn: string): StreamRecord {
  const change = record.dynamodb ?? {};
  const sequenceNumber = change.SequenceNumber ?? '';
  const { PrincipalId: principalId, Type: type } = record.userIdentity ?? {};
  return {
    eventID: createHash('md5').update(`${eventSourceArn}/${shardId}/${sequenceNumber}`).digest('hex'),
    eventName: record.eventName ?? '',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: parseArn(eventSourceArn).region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((change.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      Keys: plainImage(change.Keys ?? {}),
      ...(change.NewImage && { NewImage: plainImage(change.NewImage) }),
      ...(change.OldImage && { OldImage: plainImage(change.OldImage) }),
      SequenceNumber: sequenceNumber,
      SizeBytes: change.SizeBytes ?? 0,
      StreamViewType: change.StreamViewType ?? '',
    },
    eventSourceARN: eventSourceArn,
    ...(principalId !== undefined && type !== undefined && { userIdentity: { type, principalId } }),
  };
}

/** An update that changed nothing. DynamoDB writes no stream record for it, the embedded engine does. */
export function changesNothing({ eventName, dynamodb: { NewImage, OldImage } }: StreamRecord): boolean {
  return eventName === 'MODIFY' && NewImage !== undefined && isDeepStrictEqual(NewImage, OldImage);
}

function plainImage(image: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? plainImage({ ...value }) : value;
}
