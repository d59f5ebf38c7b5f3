import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterAll } from 'vitest';
import { createReceiveCallHandlers } from '../../functions/receive-call/handler.ts';
import { createFaults } from '../../local/aws/createFaults.ts';
import { startGateway } from '../../local/gateway/startGateway.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { type Source, sourceSchema } from '../../shared/contracts/source.ts';
import { createLeafOf, type LeafOwner } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine } from './engine.ts';
import { createMeteredTable, type MeteredTable } from './meteredTable.ts';

export const publicUrl = 'https://api.vet.example';
export const authToken = 'token-of-the-practice';
export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const nowMs = Date.UTC(2026, 2, 2, 9, 45);

/** Jonas, the practice's line and its desk. */
export const caller = '+493023125100';
export const line = '+493023125000';
export const desk = '+493023125001';

export type Parameters = Record<string, string | string[]>;

export interface PhoneAnswer {
  status: number;
  headers: Headers;
  text: string;
}

export interface PhoneLineApi {
  /** A signed form, as Twilio sends it; `sign: false` leaves the signature out. */
  send(
    path: 'voice' | 'status' | 'sms',
    parameters: Parameters,
    options?: { token?: string; sign?: false; signedUrl?: string; query?: string; headers?: Record<string, string> },
  ): Promise<PhoneAnswer>;
  /** A request as it is. */
  post(path: string, body: string, headers: Record<string, string>): Promise<PhoneAnswer>;
  /** Everything on one leaf, oldest first. */
  read(owner: LeafOwner): Promise<Interaction[]>;
  table: MeteredTable;
  counted: Map<string, number>;
  logged: string[];
}

/** The function for calls with its real store, behind the local gateway, at a standing clock. */
export async function startPhoneLine(more: Partial<Source> = {}): Promise<PhoneLineApi> {
  const engine = await startTestEngine();
  await createTimelineTable(engine.endpoint, 'timeline');
  const table = createMeteredTable(engine, 'timeline');
  const timeline = createTimelineStore(table);
  const leafOf = createLeafOf(Buffer.alloc(32, 7));
  const counted = new Map<string, number>();
  const logged: string[] = [];
  const log: Log = {
    info: (message) => logged.push(message),
    warn: (message) => logged.push(message),
    error: (message) => logged.push(message),
    count: (metric, value = 1) => counted.set(metric, (counted.get(metric) ?? 0) + value),
  };
  let ids = 0;
  const handler = httpFunction({
    name: 'receive-call',
    operations,
    clock: () => nowMs,
    log,
    handlers: createReceiveCallHandlers({
      timeline,
      leafOf,
      newId: () => `made-${ids++}`,
      sources: [
        sourceSchema.parse({
          kind: 'twilio',
          name: 'phone-line',
          authToken,
          accountSid,
          forwardTo: desk,
          language: 'de',
          ...more,
        }),
      ],
      parsePhone: createParsePhone('DE'),
      publicUrl,
      log,
    }),
  });
  const gateway = await startGateway({
    port: 0,
    now: () => nowMs,
    log: () => undefined,
    fault: createFaults().forRequest,
  });
  afterAll(() => gateway.stop());
  gateway.serve(
    operations
      .filter((operation) => operation.function === 'receive-call')
      .map(({ method, path }) => ({ routeKey: `${method} ${path}`, functionId: 'receive-call' })),
    async (_id, event) => ({
      ok: true,
      payload: await handler(event as ArgumentsOf<typeof handler>[0], {} as Context),
    }),
  );

  const post: PhoneLineApi['post'] = async (path, body, headers) => {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { method: 'POST', body, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return {
    post,
    send: (path, parameters, { token = authToken, sign, signedUrl, query = '', headers = {} } = {}) => {
      const all = { AccountSid: accountSid, ApiVersion: '2010-04-01', ...parameters };
      const address = `/voice/twilio/${path}${query}`;
      const signature = getExpectedTwilioSignature(token, signedUrl ?? `${publicUrl}${address}`, all);
      return post(address, formOf(all), {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        ...(sign === false ? {} : { 'x-twilio-signature': signature }),
        ...headers,
      });
    },
    read: async (owner) => {
      const page = await readTimeline(timeline, { leaves: [leafOf(owner)], limit: 100 });
      return (page?.interactions ?? []).reverse();
    },
    table,
    counted,
    logged,
  };
}

type ArgumentsOf<F extends (...args: never[]) => unknown> = F extends (...args: infer A) => unknown ? A : never;

export function formOf(parameters: Parameters): string {
  const form = new URLSearchParams();
  for (const [name, values] of Object.entries(parameters))
    for (const value of [values].flat()) form.append(name, value);
  return form.toString();
}

/** A JSON body's address: it carries the hash of the body. */
export function jsonAddress(path: string, body: string): string {
  return `${path}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
}

let calls = 0;

/** A new call by Jonas, as the voice webhook tells it. */
export function incomingCall(more: Parameters = {}): Parameters & { CallSid: string } {
  const CallSid = `CA${String(calls++).padStart(32, '0')}`;
  return { CallSid, CallStatus: 'ringing', Direction: 'inbound', From: caller, To: line, ...more } as Parameters & {
    CallSid: string;
  };
}
