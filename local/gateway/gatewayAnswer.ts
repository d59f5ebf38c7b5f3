import type { InvocationResult } from '../ports.ts';

/** What goes back to the caller. Several cookies are several headers. */
export interface GatewayAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

interface FunctionResponse {
  statusCode: number;
  headers?: Record<string, unknown>;
  cookies?: unknown[];
  body?: unknown;
  isBase64Encoded?: boolean;
}

/** The gateway's own answers, which carry no detail. */
export function gatewayError(status: number, message: string): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** What an HTTP API makes of a function's result in payload format 2.0. */
export function gatewayAnswer(result: InvocationResult): GatewayAnswer {
  if (!result.ok) {
    if (result.errorType === 'RequestTooLargeException') return gatewayError(413, 'Request Entity Too Large');
    return result.throttled ? gatewayError(503, 'Service Unavailable') : gatewayError(500, 'Internal Server Error');
  }
  const { payload } = result;
  if (!isResponse(payload)) return inferred(payload);
  const { statusCode, headers = {}, cookies = [], body, isBase64Encoded } = payload;
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    return gatewayError(500, 'Internal Server Error');
  }
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const named = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: {
      ...(text === '' ? {} : { 'content-type': 'text/plain;charset=UTF-8' }),
      ...Object.fromEntries(named),
      ...(cookies.length > 0 ? { 'set-cookie': cookies.map(String) } : {}),
    },
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** A result without a status is the body of a success. */
function inferred(payload: unknown): GatewayAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(payload ?? null)),
  };
}

function isResponse(payload: unknown): payload is FunctionResponse {
  return typeof payload === 'object' && payload !== null && 'statusCode' in payload;
}
