import type * as z from 'zod';
import type { Scope } from '../source.ts';

/** The functions that answer HTTP requests, by their verb-noun. */
export type HttpFunction =
  | 'collect-events'
  | 'converse'
  | 'agent-api'
  | 'describe-api'
  | 'lookup-customer'
  | 'receive-call'
  | 'manage-preferences';

/** One HTTP operation. */
export interface Operation {
  operationId: string;
  method: 'GET' | 'POST' | 'OPTIONS';
  /** In the gateway's notation: `{name}`, `{name+}`. */
  path: string;
  function: HttpFunction;
  summary: string;
  /** What the caller shows: a key with this scope, a widget session token, a signature by Twilio, or nothing. */
  credential: { scope: Scope } | 'session' | 'twilio' | 'none';
  query?: z.ZodObject;
  /** Headers that the operation reads, by their lower-case names. */
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Where all of its fields are optional, none may be sent at all. */
  bodyIsOptional?: true;
  /** JSON unless it says otherwise. */
  bodyType?: 'application/x-www-form-urlencoded';
  /** Status and body of success. */
  answer?: { status: 200 | 201; body: z.ZodType; type?: 'text/html' | 'text/xml' };
  /** It may contradict how things are: 409. */
  mayConflict?: true;
  /** Left out of the OpenAPI document: preflights. */
  hidden?: true;
}
