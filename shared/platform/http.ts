import { gunzipSync } from 'node:zlib';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import type { HttpFunction, Operation, OperationIdOf } from '../contracts/operations.ts';
import type { Problem } from '../contracts/problem.ts';
import type { Clock } from './clock.ts';
import { type ErrorCode, PlatformError } from './errors.ts';
import { functionLog, type Log, logger, metrics } from './log.ts';
import { parse } from './parse.ts';

/** Largest body that is accepted, before and after decompression, in bytes. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** A request as handlers see it: transport peculiarities of the gateway are gone. */
export interface HttpRequest {
  requestId: string;
  receivedAtMs: number;
  /** As the gateway received it, without the query. */
  path: string;
  params: Record<string, string>;
  query: Record<string, string>;
  /** The query string as it was sent, for signatures; without its question mark. */
  rawQuery: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Decoded from base64 and, where the sender compressed it, from gzip. */
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; absent: an empty body. */
  body?: unknown;
  /** Sent as it is, as plain text unless a content-type header says otherwise. */
  text?: string;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

/** A handler for each operation of the function: the compiler says when one is missing. */
export type HttpHandlers<F extends HttpFunction> = Record<OperationIdOf<F>, HttpHandler>;

const statusOf: Record<ErrorCode, number> = {
  'invalid-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many-requests': 429,
  unavailable: 503,
};

const titleOf: Record<ErrorCode, string> = {
  'invalid-request': 'Invalid request',
  unauthenticated: 'Not authenticated',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'Conflict',
  'too-large': 'Too large',
  'too-many-requests': 'Too many requests',
  unavailable: 'Temporarily unavailable',
};

/**
 * The Lambda handler of an HTTP function: Powertools context and metrics, routing by the gateway's route key,
 * and one place that turns errors into problem documents.
 * `operations` are the function's own, perhaps among others: of all of them a start would make every schema.
 * `errorHeaders` adds headers that an error answer needs too (CORS: a browser hides answers without them).
 */
export function httpFunction<F extends HttpFunction>(options: {
  name: F;
  operations: readonly Operation[];
  handlers: HttpHandlers<F>;
  clock: Clock;
  errorHeaders?: (headers: Record<string, string>) => Record<string, string>;
  log?: Log;
}): (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  const log = options.log ?? functionLog;
  const byRoute = new Map<string, HttpHandler>();
  for (const [operationId, handler] of Object.entries<HttpHandler>(options.handlers)) {
    const operation = options.operations.find((one) => one.operationId === operationId);
    if (operation === undefined) throw new Error(`${options.name} was not given its operation ${operationId}.`);
    byRoute.set(`${operation.method} ${operation.path}`, handler);
  }

  const answer = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const requestId = event.requestContext.requestId;
    // As the access log and problem documents name it; the function's own is another one.
    logger.appendKeys({ api_request_id: requestId });
    try {
      const handler = byRoute.get(event.routeKey);
      if (handler === undefined) throw new PlatformError('not-found', 'There is nothing at this address.');
      return render(await handler(readRequest(event, options.clock())));
    } catch (error) {
      const headers = options.errorHeaders?.(lowerCased(event.headers)) ?? {};
      return renderProblem(error, requestId, headers, log);
    }
  };

  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { throwOnEmptyMetrics: false }))
    .handler(answer);
}

/** The body as JSON of the given shape. Tries JSON whatever the content type says: SDKs mislabel it. */
export function readJson<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  return parse(schema, parseJson(request), 'body');
}

/** The body as any JSON value. Throws `invalid-request` where it is none. */
export function parseJson(request: HttpRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch (cause) {
    throw new PlatformError('invalid-request', 'The body is not JSON.', {
      issues: [{ path: '', message: request.body.length === 0 ? 'the body is empty' : 'not parseable as JSON' }],
      cause,
    });
  }
}

/** The query string in the given shape. */
export function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  return parse(schema, request.query, 'query');
}

function readRequest(event: APIGatewayProxyEventV2, receivedAtMs: number): HttpRequest {
  const headers = lowerCased(event.headers);
  return {
    requestId: event.requestContext.requestId,
    receivedAtMs,
    path: event.rawPath,
    params: present(event.pathParameters),
    query: present(event.queryStringParameters),
    rawQuery: event.rawQueryString,
    headers,
    body: readBody(event, headers['content-encoding']),
  };
}

function readBody(event: APIGatewayProxyEventV2, encoding: string | undefined): Buffer {
  const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (raw.length > maxBodyBytes) throw tooLarge();
  if (encoding?.trim().toLowerCase() !== 'gzip') return raw;
  try {
    return gunzipSync(raw, { maxOutputLength: maxBodyBytes });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge();
    throw new PlatformError('invalid-request', 'The body is not gzip though its Content-Encoding says so.', {
      issues: [{ path: '', message: 'not decodable as gzip' }],
      cause,
    });
  }
}

function tooLarge(): PlatformError {
  return new PlatformError('too-large', `The body is larger than ${maxBodyBytes} bytes.`);
}

function render(answer: HttpAnswer): APIGatewayProxyStructuredResultV2 {
  if (answer.text !== undefined) {
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...answer.headers };
    return { statusCode: answer.status, headers, body: answer.text };
  }
  if (answer.body === undefined) return { statusCode: answer.status, headers: { ...answer.headers } };
  return {
    statusCode: answer.status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...answer.headers },
    body: JSON.stringify(answer.body),
  };
}

function renderProblem(
  error: unknown,
  requestId: string,
  headers: Record<string, string>,
  log: Log,
): APIGatewayProxyStructuredResultV2 {
  const known = error instanceof PlatformError ? error : undefined;
  const status = known ? statusOf[known.code] : 500;
  if (status >= 500) log.error('request failed', error);
  else {
    log.info('request refused', { code: known?.code });
    log.count('RequestsRefused');
  }
  const problem: Problem = {
    type: `urn:throughline:problem:${known?.code ?? 'internal'}`,
    title: known ? titleOf[known.code] : 'Internal error',
    status,
    detail: known?.publicText ?? 'Something failed on our side; nothing was lost. Please send it again.',
    instance: `urn:throughline:request:${requestId}`,
    ...(known?.issues ? { issues: known.issues } : {}),
  };
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 429 || status === 503 ? { 'retry-after': '1' } : {}),
      ...headers,
    },
    body: JSON.stringify(problem),
  };
}

function lowerCased(headers: Record<string, string | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result[name.toLowerCase()] = value;
  return result;
}

function present(values: Record<string, string | undefined> | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {})) if (value !== undefined) result[name] = value;
  return result;
}
