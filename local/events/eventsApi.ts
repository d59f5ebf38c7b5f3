import { randomUUID } from 'node:crypto';
import type { ServiceHandler } from '../ports.ts';
import type { BusEvent, EventBus } from './eventBus.ts';

import { asList, asRecord, asText, isRecord, parseJson } from './json.ts';

const mostEntries = 10;

/** The EventBridge API as far as functions use it: PutEvents on the default bus. */
export function eventsApi(bus: EventBus): ServiceHandler {
  return async ({ headers, body }) => {
    const operation = headers['x-amz-target']?.split('.').at(-1);
    if (operation !== 'PutEvents') return fault('UnknownOperationException', `${operation} is not served locally`);
    const entries = asList(asRecord(parseJson(body.toString('utf8'))).Entries);
    if (entries.length === 0 || entries.length > mostEntries) {
      return fault('ValidationException', `Entries must have between 1 and ${mostEntries} members`);
    }
    const results = entries.map((entry) => put(bus, asRecord(entry)));
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return answer(200, { FailedEntryCount, Entries: results });
  };
}

type PutResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

function put(bus: EventBus, entry: Record<string, unknown>): PutResult {
  const source = asText(entry.Source);
  const detailType = asText(entry.DetailType);
  const detail = parseJson(asText(entry.Detail) ?? '');
  if (!source)
    return refused('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.');
  if (source.startsWith('aws.')) return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if (!detailType) {
    return refused('InvalidArgument', 'Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  }
  if (!isRecord(detail)) return refused('MalformedDetail', 'Detail is malformed.');
  const resources = asList(entry.Resources).map(String);
  const event: BusEvent = { source, detailType, detail, resources };
  return { EventId: bus.publish(typeof entry.Time === 'number' ? { ...event, at: entry.Time * 1000 } : event) };
}

function refused(ErrorCode: string, ErrorMessage: string): PutResult {
  return { ErrorCode, ErrorMessage };
}

function fault(type: string, message: string) {
  return answer(400, { __type: type, message });
}

function answer(status: number, body: unknown) {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: JSON.stringify(body) };
}
