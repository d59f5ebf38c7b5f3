import type { Discard } from './streamBatch.ts';

/** Where a discarded batch came from. */
export interface BatchOrigin {
  requestId: string;
  functionArn: string;
  shardId: string;
  streamArn: string;
  /** ISO 8601. */
  timestamp: string;
}

/** The invocation record that Lambda sends to the on-failure destination of a stream: where the records are, not what they hold. */
export function onFailureRecord(discard: Discard, origin: BatchOrigin): Record<string, unknown> {
  const first = discard.records[0]?.dynamodb;
  const last = discard.records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: origin.requestId,
      functionArn: origin.functionArn,
      condition: discard.condition,
      approximateInvokeCount: discard.approximateInvokeCount,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: discard.functionError ? 'Unhandled' : null,
    },
    version: '1.0',
    timestamp: origin.timestamp,
    DDBStreamBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: inSeconds(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: inSeconds(last?.ApproximateCreationDateTime),
      batchSize: discard.records.length,
      streamArn: origin.streamArn,
    },
  };
}

function inSeconds(seconds: number | undefined): string {
  return new Date((seconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z');
}
