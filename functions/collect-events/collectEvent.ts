import { maxRequestBytes, type SegmentAnswer, segmentBodySchema } from '../../shared/contracts/segment.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpHandler, readJson } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { type Collected, type CollectPorts, collectEvents } from '../../shared/segment/collectEvents.ts';
import { segmentCall } from '../../shared/segment/segmentCall.ts';
import type { Cors } from '../../shared/source/cors.ts';
import { basicKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { authenticateSender } from './authenticateSender.ts';

/** `POST /v1/{call}`: answered as Segment does, with refused events beside it. */
export function createCollectEvent(
  ports: CollectPorts & { registry: SourceRegistry; cors: Cors; log: Log },
): HttpHandler {
  const { cors, log, registry } = ports;
  return async (request) => {
    const call = segmentCall(request.params.call);
    if (call === undefined) throw new PlatformError('not-found', 'The Segment spec has no such call.');
    const headers = cors.headers(request.headers);
    // The browser SDK's reports about itself are of no use here; refusing them would only make it try again.
    if (call === 'metrics') return { status: 200, headers, body: answer([]) };
    if (request.body.length > maxRequestBytes) {
      throw new PlatformError('too-large', `The body is larger than ${maxRequestBytes} bytes.`);
    }
    const key = basicKey(request.headers);
    // A key in the header is judged before the body is read. A Bearer token is none: beside one, the body names the key.
    const known =
      key === undefined && request.body.length > 0 ? undefined : authenticateSender(registry, key, request.headers);
    const body = readJson(request, segmentBodySchema);
    const source = known ?? authenticateSender(registry, body.writeKey ?? undefined, request.headers);
    const collected = await collectEvents(ports, { call, body, source, receivedAtMs: request.receivedAtMs });
    countEvents(log, collected);
    return { status: 200, headers, body: answer(collected.rejected) };
  };
}

function answer(rejected: Collected['rejected']): SegmentAnswer {
  return rejected.length > 0 ? { success: true, rejected } : { success: true };
}

function countEvents(log: Log, { duplicates, rejected, stored }: Collected): void {
  if (stored > 0) log.count('InteractionsStored', stored);
  if (duplicates > 0) log.count('InteractionsDuplicated', duplicates);
  if (rejected.length > 0) log.count('EventsRejected', rejected.length);
}
