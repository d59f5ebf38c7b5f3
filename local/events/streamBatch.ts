import type { InvocationResult } from '../ports.ts';
import { failedItems } from './batchResponse.ts';
import { type Backoff, backoffMs, type Lifetime } from './lifetime.ts';
import type { StreamRecord } from './streamRecords.ts';
import type { StreamSettings } from './streamSettings.ts';

/** Why records were given up. */
export interface Discard {
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** In stream order, at least one. */
  records: readonly StreamRecord[];
  approximateInvokeCount: number;
  /** Whether the function itself failed, as against answering which items failed. */
  functionError: boolean;
}

/** What delivering a batch needs from around it. */
export interface BatchDelivery {
  settings: StreamSettings;
  backoff: Backoff;
  lifetime: Lifetime;
  invoke(records: readonly StreamRecord[]): Promise<InvocationResult>;
  /** Tells of records that need no further try. */
  done(records: readonly StreamRecord[]): void;
  /** Hands over records that were given up; resolves when that is safe. */
  discard(discard: Discard): Promise<void>;
  /** Milliseconds since the epoch on the clock that stamps the records. */
  recordClock(): number;
}

/**
 * Delivers records in order until each is done: by success, or given up after its retries or its age. Only the end of
 * the lifetime leaves records undone. A failure stops everything behind it, as on a shard.
 */
export async function deliverBatch(batch: readonly StreamRecord[], delivery: BatchDelivery): Promise<void> {
  await deliver(batch, 0, delivery);
}

/** `failures` counts the unsuccessful tries of the first record; splitting a batch does not count. */
async function deliver(batch: readonly StreamRecord[], failures: number, delivery: BatchDelivery): Promise<void> {
  const { settings, lifetime } = delivery;
  let records = batch;
  let invocations = failures;
  for (let throttles = 0; !lifetime.ended; ) {
    records = await discardExpired(records, invocations, delivery);
    if (records.length === 0) return;
    const result = await delivery.invoke(records);
    if (!result.ok && result.throttled) {
      // A throttled call never reached the function, so it costs no retry.
      throttles += 1;
      await lifetime.wait(backoffMs(delivery.backoff, throttles));
      continue;
    }
    invocations += 1;
    const firstFailed = firstFailedIndex(result, records, settings.reportBatchItemFailures);
    delivery.done(records.slice(0, firstFailed));
    records = records.slice(firstFailed);
    if (records.length === 0) return;
    if (firstFailed > 0) failures = 0;
    if (firstFailed === 0 && settings.bisectBatchOnFunctionError && records.length > 1) {
      return deliverHalves(records, failures, delivery);
    }
    failures += 1;
    if (failures > settings.maximumRetryAttempts) {
      return giveUp(
        {
          condition: 'RetryAttemptsExhausted',
          records,
          approximateInvokeCount: invocations,
          functionError: !result.ok,
        },
        delivery,
      );
    }
    await lifetime.wait(backoffMs(delivery.backoff, failures));
  }
}

async function deliverHalves(records: readonly StreamRecord[], failures: number, delivery: BatchDelivery) {
  const middle = Math.ceil(records.length / 2);
  await deliver(records.slice(0, middle), failures, delivery);
  await deliver(records.slice(middle), failures, delivery);
}

function firstFailedIndex(
  result: InvocationResult,
  records: readonly StreamRecord[],
  reportBatchItemFailures: boolean,
): number {
  const known = new Set(records.map((record) => record.dynamodb.SequenceNumber));
  const failed = failedItems(result, known, reportBatchItemFailures);
  if (!failed) return 0;
  const index = records.findIndex((record) => failed.has(record.dynamodb.SequenceNumber));
  return index === -1 ? records.length : index;
}

async function discardExpired(
  records: readonly StreamRecord[],
  invocations: number,
  delivery: BatchDelivery,
): Promise<readonly StreamRecord[]> {
  const oldestMs = delivery.recordClock() - delivery.settings.maximumRecordAgeMs;
  const fresh = records.findIndex((record) => record.dynamodb.ApproximateCreationDateTime * 1000 >= oldestMs);
  const expired = fresh === -1 ? records : records.slice(0, fresh);
  if (expired.length > 0) {
    await giveUp(
      {
        condition: 'RecordAgeExceeded',
        records: expired,
        approximateInvokeCount: invocations,
        functionError: invocations > 0,
      },
      delivery,
    );
  }
  return records.slice(expired.length);
}

async function giveUp(discard: Discard, delivery: BatchDelivery): Promise<void> {
  await delivery.discard(discard);
  // Told nobody yet: after a restart they are tried again rather than lost.
  if (!delivery.lifetime.ended) delivery.done(discard.records);
}
