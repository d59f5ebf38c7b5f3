import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { afterAll } from 'vitest';
import { createAgentApiHandlers } from '../../functions/agent-api/handler.ts';
import { createConverseHandlers } from '../../functions/converse/handler.ts';
import { createDecideFollowUps } from '../../functions/decide-follow-ups/handler.ts';
import { createDescribeApiHandlers } from '../../functions/describe-api/handler.ts';
import { createLookupCustomerHandlers } from '../../functions/lookup-customer/handler.ts';
import { createProjectTimeline } from '../../functions/project-timeline/handler.ts';
import { createFaults } from '../../local/aws/createFaults.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { startGateway } from '../../local/gateway/startGateway.ts';
import { type HttpFunction, operations } from '../../shared/contracts/operations.ts';
import type { Source } from '../../shared/contracts/source.ts';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createReadMarkStore } from '../../shared/conversation/readMarkStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createAgentRequestStore } from '../../shared/identity/agentRequestStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { createLeafOf, type LeafOf } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { ItemChange } from '../../shared/platform/stream.ts';
import { createTable, type Item, type ItemKey, type Table } from '../../shared/platform/table.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { createCors } from '../../shared/source/cors.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createResumeTokens } from '../../shared/token/resumeToken.ts';
import { createTokenStore } from '../../shared/token/tokenStore.ts';
import { createSessionTokens } from '../../shared/widget/sessionToken.ts';
import { createTimelineTable, startTestEngine } from './engine.ts';
import { createMeteredTable, type MeteredTable } from './meteredTable.ts';

/** Keys of the practice's sources; each source has its own. */
export const keys = {
  website: 'practice-website-key',
  intranet: 'practice-intranet-key',
  server: 'practice-server-key',
  reception: 'practice-reception-key',
  reader: 'practice-reader-key',
  writer: 'practice-writer-key',
  lookup: 'practice-lookup-key',
};
export const websiteOrigin = 'https://vet.example';
export const identitySecret = 'identity-secret-of-the-practice';
export const tokenKey = { kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' };

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare answers with literals.
  body: any;
  text: string;
}

export interface PracticeApi {
  call(request: string, options?: { headers?: Record<string, string>; body?: unknown }): Promise<Answer>;
  /** Moves the clock of all functions; it stands still otherwise, at nine o'clock on 2 March 2026. */
  advance(milliseconds: number): void;
  /** Lets the stream's consumers see everything that was written since they saw it last, as it is by now. */
  project(): Promise<void>;
  table: MeteredTable;
  timeline: Timeline;
  leafOf: LeafOf;
  /** Everything that the functions logged and counted, as text. */
  logged: string[];
}

/** The functions that answer people, with their real stores, behind the local gateway. */
export async function startPracticeApi(): Promise<PracticeApi> {
  const engine = await startTestEngine();
  await createTimelineTable(engine.endpoint, 'timeline');
  const written: ItemKey[] = [];
  const metered = createMeteredTable(engine, 'timeline');
  const table = { ...metered, ...noting(metered, written) };
  const timeline = createTimelineStore(table);
  const pepper = Buffer.alloc(32, 7);
  const leafOf = createLeafOf(pepper);
  const registry = createSourceRegistry(sources);
  const cors = createCors(registry);
  const { log, logged } = recordingLog();
  let nowMs = Date.UTC(2026, 2, 2, 9);
  let ids = 0;
  const clock = () => nowMs;
  const ports = {
    timeline,
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    identities: createIdentityStore(table),
    requests: createAgentRequestStore(table),
    readMarks: createReadMarkStore(table),
    resumeTokens: createResumeTokens([tokenKey], clock),
    resumeUses: createTokenStore(table),
    publicUrl: 'https://api.vet.example',
    company: 'Tierarztpraxis Lindenhof',
    tokens: createSessionTokens([tokenKey], clock),
    search: createSearchStore(table, pepper),
    leafOf,
    parsePhone: createParsePhone('DE'),
    newId: () => `made-${ids++}`,
    registry,
    cors,
    log,
  };
  const functions: Partial<Record<HttpFunction, (event: never, context: Context) => Promise<unknown>>> = {
    converse: httpFunction({
      name: 'converse',
      operations,
      handlers: createConverseHandlers(ports),
      clock,
      log,
      errorHeaders: cors.headers,
    }),
    'agent-api': httpFunction({ name: 'agent-api', operations, handlers: createAgentApiHandlers(ports), clock, log }),
    'lookup-customer': httpFunction({
      name: 'lookup-customer',
      operations,
      handlers: createLookupCustomerHandlers({
        ...ports,
        publicUrl: 'https://api.vet.example',
      }),
      clock,
      log,
    }),
    'describe-api': httpFunction({
      name: 'describe-api',
      operations,
      handlers: createDescribeApiHandlers({ version: '1.2.3' }),
      clock,
      log,
    }),
  };

  const gateway = await startGateway({
    port: 0,
    now: clock,
    log: (line) => logged.push(line),
    fault: createFaults().forRequest,
  });
  afterAll(() => gateway.stop());
  gateway.serve(
    operations
      .filter((operation) => operation.function in functions)
      .map(({ method, path, function: name }) => ({ routeKey: `${method} ${path}`, functionId: name })),
    async (functionId, event) => ({
      ok: true,
      payload: await functions[functionId as HttpFunction]?.(event as never, {} as Context),
    }),
  );

  const { identities } = ports;
  const consumers = [
    createProjectTimeline({ ...ports, identities, log }),
    createDecideFollowUps({ ...ports, identities, followUps: { enqueue: async () => undefined }, log }),
  ];
  const client = engineClient(engine.endpoint);
  afterAll(() => client.destroy());
  const unmetered = createTable(client, 'timeline');
  const seen = consumers.map(() => 0);
  const project = async (): Promise<void> => {
    for (const [index, consume] of consumers.entries()) {
      const news = written.slice(seen[index]);
      seen[index] = written.length;
      const failed = await consume((await readAll(unmetered, news)).map(changeTo));
      if (failed[0] !== undefined) throw new Error('the projection failed', { cause: failed[0].error });
    }
  };

  return {
    async call(request, { headers = {}, body } = {}) {
      const [method = '', path = ''] = request.split(' ');
      const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' || !isJson(response.headers) ? undefined : JSON.parse(text),
        text,
      };
    },
    advance: (milliseconds) => {
      nowMs += milliseconds;
    },
    project,
    table,
    timeline,
    leafOf,
    logged,
  };
}

/** A table that notes the keys of what is written to it, in order. */
function noting(table: Table, written: ItemKey[]): Pick<Table, 'put' | 'update' | 'transact' | 'insertMany'> {
  const note = ({ pk, sk }: ItemKey) => void written.push({ pk, sk });
  return {
    async put(item, condition) {
      const outcome = await table.put(item, condition);
      if (outcome.stored) note(item);
      return outcome;
    },
    async update(key, set, condition) {
      const updated = await table.update(key, set, condition);
      if (updated) note(key);
      return updated;
    },
    async transact(operations) {
      const outcome = await table.transact(operations);
      if (outcome.stored) for (const operation of operations) if ('put' in operation) note(operation.put);
      return outcome;
    },
    async insertMany(items) {
      const outcomes = await table.insertMany(items);
      for (const [index, item] of items.entries()) if (outcomes[index] === 'stored') note(item);
      return outcomes;
    },
  };
}

/** The items of keys that exist, each once. */
async function readAll(table: Table, keys: readonly ItemKey[]): Promise<Item[]> {
  const items: Item[] = [];
  const distinct = [...new Map(keys.map((key) => [`${key.pk} ${key.sk}`, key])).values()];
  for (let start = 0; start < distinct.length; start += 100) {
    items.push(...(await table.getMany(distinct.slice(start, start + 100))));
  }
  return items;
}

function changeTo(item: Item, index: number): ItemChange {
  return { sequenceNumber: `${index}`, newImage: item, oldImage: undefined };
}

function isJson(headers: Headers): boolean {
  return /json/.test(headers.get('content-type') ?? '');
}

const sources: Source[] = [
  source('website', 'browser', keys.website, ['events:write', 'widget:converse'], {
    identitySecret,
    allowedOrigins: [websiteOrigin],
  }),
  source('intranet', 'browser', keys.intranet, ['widget:converse'], {
    allowedOrigins: ['https://intranet.vet.example'],
  }),
  source('practice-server', 'server', keys.server, ['events:write']),
  source('reception', 'agent', keys.reception, [
    'customers:read',
    'customers:write',
    'conversations:read',
    'conversations:write',
    'lookup:read',
  ]),
  source('reader', 'agent', keys.reader, ['customers:read', 'conversations:read']),
  source('writer', 'agent', keys.writer, ['conversations:write']),
  source('call-center', 'lookup', keys.lookup, ['lookup:read']),
];

function source(
  name: string,
  kind: Source['kind'],
  key: string,
  scopes: Source['scopes'],
  more: Partial<Source> = {},
): Source {
  const keyHashes = [createHash('sha256').update(key).digest('hex')];
  return { name, kind, keyHashes, scopes, allowedOrigins: ['*'], ...more };
}

function recordingLog(): { log: Log; logged: string[] } {
  const logged: string[] = [];
  const note = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
  return {
    logged,
    log: {
      info: note,
      warn: note,
      error: (message, error, facts) => note(message, error instanceof Error ? error.name : typeof error, facts),
      count: note,
    },
  };
}
