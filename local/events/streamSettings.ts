import { asList, asNumber, asRecord, asText } from './json.ts';

/** The properties of an AWS::Lambda::EventSourceMapping on a stream, with Lambda's defaults. */
export interface StreamSettings {
  batchSize: number;
  windowMs: number;
  startingPosition: 'LATEST' | 'TRIM_HORIZON';
  /** Infinity: until the record expires. */
  maximumRetryAttempts: number;
  /** Infinity: for ever. */
  maximumRecordAgeMs: number;
  bisectBatchOnFunctionError: boolean;
  reportBatchItemFailures: boolean;
  parallelizationFactor: number;
  /** The ARN of the queue that learns of discarded records. */
  onFailureArn?: string;
  enabled: boolean;
}

export function readStreamSettings(properties: Record<string, unknown>): StreamSettings {
  const onFailureArn = asText(asRecord(asRecord(properties.DestinationConfig).OnFailure).Destination);
  return {
    batchSize: asNumber(properties.BatchSize, 100),
    windowMs: asNumber(properties.MaximumBatchingWindowInSeconds, 0) * 1000,
    startingPosition: properties.StartingPosition === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON',
    maximumRetryAttempts: unlimited(asNumber(properties.MaximumRetryAttempts, -1)),
    maximumRecordAgeMs: unlimited(asNumber(properties.MaximumRecordAgeInSeconds, -1)) * 1000,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError === true,
    reportBatchItemFailures: asList(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    parallelizationFactor: asNumber(properties.ParallelizationFactor, 1),
    ...(onFailureArn !== undefined && { onFailureArn }),
    enabled: properties.Enabled !== false && properties.Enabled !== 'false',
  };
}

function unlimited(value: number): number {
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}
