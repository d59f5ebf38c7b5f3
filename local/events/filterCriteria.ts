import { compileEventPattern } from './eventPattern.ts';
import { asList, asRecord, isRecord, parseJson } from './json.ts';

/**
 * Lambda's FilterCriteria of an event-source mapping: a record passes when one of the filters matches; without filters
 * everything passes. Throws where a filter is no valid pattern.
 */
export function compileFilterCriteria(criteria: unknown): (record: unknown) => boolean {
  const filters = asList(asRecord(criteria).Filters).map((filter) => compileFilter(asRecord(filter).Pattern));
  return filters.length === 0 ? () => true : (record) => filters.some((matches) => matches(record));
}

function compileFilter(source: unknown): (record: unknown) => boolean {
  const pattern = typeof source === 'string' ? parseJson(source) : source;
  const matches = compileEventPattern(pattern);
  // A pattern on the inside of a queue message's body reads it as JSON; one on the body as such compares text.
  const readsBody = isRecord(asRecord(pattern).body);
  return readsBody ? (record) => matches(withParsedBody(record)) : matches;
}

function withParsedBody(record: unknown): unknown {
  const body = asRecord(record).body;
  return typeof body === 'string' ? { ...asRecord(record), body: parseJson(body) } : record;
}
