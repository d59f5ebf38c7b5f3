import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';

export interface SmokeStep {
  /** The guarantee that the step sees kept. */
  name: string;
  run(): Promise<void>;
}

/** The parts of the answers that the steps look at. */
export interface Body {
  success?: boolean;
  token?: string;
  customers?: { customerId: string }[];
  interactions?: { type: string; channel: string; text?: string; properties: Record<string, unknown> }[];
  conversations?: { conversationId: string; endedWith: { text: string } }[];
  messages?: { by: string; text: string; to: string[]; subject: string; raw: string }[];
  match?: string;
  customerId?: string;
  name?: string;
  openConversation?: { endedWith: { text: string; channel: string }; owes: string };
  operations?: { function: string; operation: string }[];
}

export interface CallOptions {
  basic?: string;
  bearer?: string;
  /** Sent as JSON, a string or a form as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  path: string;
  status: number;
  body: Body;
}

export async function request(
  api: string,
  method: string,
  path: string,
  { basic, bearer, body, headers: given = {} }: CallOptions,
): Promise<Answer> {
  const headers = new Headers(given);
  if (basic !== undefined) headers.set('authorization', `Basic ${btoa(`${basic}:`)}`);
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
  const isPlain = typeof body === 'string' || body instanceof URLSearchParams;
  if (body !== undefined && !isPlain) headers.set('content-type', 'application/json');
  const init = { method, headers, signal: AbortSignal.timeout(25_000) };
  const sent = body === undefined ? {} : { body: isPlain ? body : JSON.stringify(body) };
  const response = await fetch(new URL(path, api), { ...init, ...sent });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { path, status: response.status, body: isJson ? JSON.parse(text) : {} };
}

export function ok({ path, status, body }: Answer): Body {
  assert.ok(status === 200 || status === 201, `${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The projection runs after the write: asks again until it holds, for ten seconds. */
export async function eventually(holds: () => Promise<void>): Promise<void> {
  const until = Date.now() + 10_000;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(50);
    }
  }
}
