import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { afterAll } from 'vitest';
import { createCollectEventsHandlers } from '../../functions/collect-events/handler.ts';
import { createFaults, type Faults } from '../../local/aws/createFaults.ts';
import { startGateway } from '../../local/gateway/startGateway.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { operations } from '../../shared/contracts/operations.ts';
import type { Source } from '../../shared/contracts/source.ts';
import { createLeafOf, type LeafOf, type LeafOwner } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import type { Log, LogFacts } from '../../shared/platform/log.ts';
import { createCors } from '../../shared/source/cors.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine } from './engine.ts';
import { createMeteredTable, type MeteredTable } from './meteredTable.ts';

export const websiteKey = 'practice-website-key';
export const serverKey = 'practice-server-key';
export const agentKey = 'practice-agent-key';
export const websiteOrigin = 'https://vet.example';
export const nowMs = Date.UTC(2026, 2, 12, 9, 0, 0);

export interface EventsAnswer {
  status: number;
  headers: Headers;
  /** Whatever JSON came. */
  body: ReturnType<typeof JSON.parse>;
}

/** Headers of a sender that shows its key as Segment's SDKs do. */
export function basicAuth(key: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
}

/** A tracked event of one customer, as a server sends it. */
export function booked(userId: string, messageId = `${userId}-1`) {
  return {
    type: 'track',
    userId,
    event: 'Vaccination Booked',
    properties: { animal: 'Minka' },
    messageId,
    timestamp: '2026-03-12T08:59:00.000Z',
  };
}

export interface EventsApi {
  url: string;
  faults: Faults;
  table: MeteredTable;
  timeline: Timeline;
  leafOf: LeafOf;
  /** What the function logged and counted. */
  logged: { message: string; facts: LogFacts }[];
  counted: Map<string, number>;
  /** Sends to `/v1/{call}`; the body as JSON unless it is text or bytes already. */
  post(call: string, body: unknown, headers?: Record<string, string>): Promise<EventsAnswer>;
  /** Everything on one leaf, oldest first. */
  read(owner: LeafOwner): Promise<Interaction[]>;
}

/** The events function with its real store, behind the local gateway, at a standing clock. */
export async function startEventsApi(): Promise<EventsApi> {
  const engine = await startTestEngine();
  await createTimelineTable(engine.endpoint, 'timeline');
  const table = createMeteredTable(engine, 'timeline');
  const timeline = createTimelineStore(table);
  const leafOf = createLeafOf(Buffer.alloc(32, 7));
  const registry = createSourceRegistry([
    source('website', 'browser', websiteKey, { allowedOrigins: [websiteOrigin], scopes: ['events:write'] }),
    source('shop-backend', 'server', serverKey, { scopes: ['events:write'] }),
    source('reception', 'agent', agentKey, { scopes: ['customers:read'] }),
  ]);
  const cors = createCors(registry);
  const { counted, log, logged } = recordingLog();
  let ids = 0;
  const handler = httpFunction({
    name: 'collect-events',
    operations,
    clock: () => nowMs,
    errorHeaders: cors.headers,
    log,
    handlers: createCollectEventsHandlers({
      timeline,
      leafOf,
      parsePhone: createParsePhone('DE'),
      registry,
      cors,
      log,
      newId: () => `made-${ids++}`,
    }),
  });

  const faults = createFaults();
  const gateway = await startGateway({ port: 0, now: () => nowMs, log: () => undefined, fault: faults.forRequest });
  afterAll(() => gateway.stop());
  const routes = operations.filter((operation) => operation.function === 'collect-events');
  gateway.serve(
    routes.map(({ method, path }) => ({ routeKey: `${method} ${path}`, functionId: 'collect-events' })),
    async (_functionId, event) => {
      const payload = await handler(event as Parameters<typeof handler>[0], {} as Context);
      return { ok: true, payload };
    },
  );

  const read = async (owner: LeafOwner): Promise<Interaction[]> => {
    const found: Interaction[] = [];
    let before: string | undefined;
    do {
      const page = await readTimeline(timeline, { leaves: [leafOf(owner)], limit: 100, before });
      found.push(...(page?.interactions ?? []));
      before = page?.next ?? undefined;
    } while (before !== undefined);
    return found.reverse();
  };
  const url = `http://127.0.0.1:${gateway.port}`;
  const post: EventsApi['post'] = async (call, body, headers = basicAuth(serverKey)) => {
    const answer = await fetch(`${url}/v1/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: JSON.parse((await answer.text()) || 'null') };
  };
  return { url, post, faults, table, timeline, leafOf, logged, counted, read };
}

function source(
  name: string,
  kind: Source['kind'],
  key: string,
  rest: Pick<Source, 'scopes'> & Partial<Source>,
): Source {
  return { name, kind, keyHashes: [createHash('sha256').update(key).digest('hex')], allowedOrigins: ['*'], ...rest };
}

function recordingLog(): Pick<EventsApi, 'logged' | 'counted'> & { log: Log } {
  const logged: EventsApi['logged'] = [];
  const counted: EventsApi['counted'] = new Map();
  const note = (message: string, facts: LogFacts = {}) => void logged.push({ message, facts });
  return {
    logged,
    counted,
    log: {
      info: note,
      warn: note,
      error: (message, _error, facts) => note(message, facts),
      count: (metric, value = 1) => void counted.set(metric, (counted.get(metric) ?? 0) + value),
    },
  };
}
