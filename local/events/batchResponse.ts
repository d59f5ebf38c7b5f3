import type { InvocationResult } from '../ports.ts';
import { isRecord } from './json.ts';

/**
 * Which items of a batch failed, as Lambda reads a function's answer: undefined for the whole batch, else their
 * identifiers (none when all succeeded). An answer that names an unknown or empty identifier fails the whole batch.
 */
export function failedItems(
  result: InvocationResult,
  known: ReadonlySet<string>,
  reportBatchItemFailures: boolean,
): ReadonlySet<string> | undefined {
  if (!result.ok) return undefined;
  if (!reportBatchItemFailures || !isRecord(result.payload)) return new Set();
  const failures = result.payload.batchItemFailures;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return undefined;
  const identifiers = failures.map((failure: unknown) => (isRecord(failure) ? failure.itemIdentifier : undefined));
  const names = identifiers.filter((identifier) => typeof identifier === 'string' && known.has(identifier));
  return names.length === identifiers.length ? new Set(names.map(String)) : undefined;
}
