import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import middy from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { UndecodableError } from './errors.ts';
import { functionLog, type Log, type LogFacts, logger, metrics } from './log.ts';

/** A change of one item as the stream tells it. */
export interface ItemChange {
  sequenceNumber: string;
  newImage: Record<string, unknown> | undefined;
  oldImage: Record<string, unknown> | undefined;
  /** Why the images cannot be read; the new one then holds the key alone. */
  fault?: unknown;
}

/** Changes of one partition key that the consumer could not handle, with the reason. */
export interface FailedChange {
  sequenceNumber: string;
  error: unknown;
  /** Whom and what it concerns, for the log. */
  facts?: LogFacts;
}

/**
 * The Lambda handler of a stream consumer. `consume` returns the changes that failed; the mapping then retries from
 * the earliest of them. Order is promised per item only, and every change may come more than once.
 */
export function streamFunction(options: {
  consume: (changes: ItemChange[]) => Promise<FailedChange[]>;
  log?: Log;
}): (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse> {
  const log = options.log ?? functionLog;
  const handle = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const changes = event.Records.flatMap((record): ItemChange[] => {
      const { Keys, NewImage, OldImage, SequenceNumber: sequenceNumber } = record.dynamodb ?? {};
      if (sequenceNumber === undefined) return [];
      try {
        return [{ sequenceNumber, newImage: image(NewImage), oldImage: image(OldImage) }];
      } catch (cause) {
        const key = image(Keys);
        return [
          { sequenceNumber, newImage: key, oldImage: undefined, fault: new UndecodableError(`${key?.sk}`, cause) },
        ];
      }
    });
    const failed = await options.consume(changes);
    for (const { error, facts, sequenceNumber } of failed) {
      log.error('stream record failed', error, { sequenceNumber, ...facts });
    }
    return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
  };
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { throwOnEmptyMetrics: false }))
    .handler(handle);
}

function image(attributes: unknown): Record<string, unknown> | undefined {
  if (attributes === undefined) return undefined;
  const withBytes = Object.entries(attributes as Record<string, AttributeValue>).map(
    ([name, value]): [string, AttributeValue] => [name, decodeBinary(value)],
  );
  return unmarshall(Object.fromEntries(withBytes));
}

/** An event is JSON, so a binary attribute arrives as base64 text; our items have them at the top level only. */
function decodeBinary(value: AttributeValue): AttributeValue {
  const binary: unknown = value.B;
  return typeof binary === 'string' ? { B: Buffer.from(binary, 'base64') } : value;
}
