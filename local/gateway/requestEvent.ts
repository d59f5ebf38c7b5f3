import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { accountId } from '../messaging/startMessaging.ts';
import { decode } from './matchRoute.ts';

/** A request as it arrived. */
export interface GatewayRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  /** Names and values in turn, as Node's `rawHeaders`. */
  rawHeaders: readonly string[];
  body: Buffer;
  sourceIp: string;
  /** Such as `HTTP/1.1`. */
  protocol: string;
  port: number;
}

export interface RequestFacts {
  routeKey: string;
  parameters: Record<string, string>;
  requestId: string;
  /** Epoch milliseconds of the test clock. */
  nowMs: number;
}

/** The event of payload format 2.0 that an HTTP API makes of a request. */
export function requestEvent(request: GatewayRequest, facts: RequestFacts): APIGatewayProxyEventV2 {
  const { path, query } = splitUrl(request.url);
  const rawPath = asGatewayPath(path);
  const headers = joinHeaders(request);
  const cookies = cookiesOf(request.rawHeaders);
  const parameters = queryParameters(query);
  const host = headers.host ?? 'localhost';
  const [domainName = 'localhost'] = host.split(':');
  const isText = isTextBody(headers);
  return {
    version: '2.0',
    routeKey: facts.routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(parameters ? { queryStringParameters: parameters } : {}),
    requestContext: {
      accountId,
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method: request.method,
        path: rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: facts.requestId,
      routeKey: facts.routeKey,
      stage: '$default',
      time: commonLogTime(facts.nowMs),
      timeEpoch: facts.nowMs,
    },
    ...(Object.keys(facts.parameters).length > 0 ? { pathParameters: facts.parameters } : {}),
    ...(request.body.length > 0 ? { body: request.body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function splitUrl(url: string): { path: string; query: string } {
  const index = url.indexOf('?');
  return index < 0 ? { path: url, query: '' } : { path: url.slice(0, index), query: url.slice(index + 1) };
}

/** Seen with the real gateway: `rawPath` is decoded, and ends at a question mark that the decoding brought up. */
function asGatewayPath(path: string): string {
  return decode(path).split('?')[0] ?? path;
}

function joinHeaders(request: GatewayRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs(request.rawHeaders)) {
    if (name === 'cookie' || name === 'connection' || name === 'transfer-encoding') continue;
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  if (request.body.length > 0) headers['content-length'] = String(request.body.length);
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = forwarded ? `${forwarded}, ${request.sourceIp}` : request.sourceIp;
  headers['x-forwarded-port'] = String(request.port);
  headers['x-forwarded-proto'] = 'http';
  return headers;
}

function cookiesOf(rawHeaders: readonly string[]): string[] {
  return pairs(rawHeaders)
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(';').map((cookie) => cookie.trim()))
    .filter((cookie) => cookie !== '');
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    result.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return result;
}

/** Decoded; the values of a repeated name are joined by commas. */
function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries([...values].map(([name, list]) => [name, list.join(',')]));
}

const textTypes = new Set(['application/json', 'application/javascript', 'application/xml']);

/** The gateway's rule: only these types pass as text; forms, unnamed types and everything encoded come as base64. */
function isTextBody(headers: Record<string, string>): boolean {
  if (headers['content-encoding'] !== undefined) return false;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const essence = type.trim().toLowerCase();
  return essence.startsWith('text/') || textTypes.has(essence);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Such as `12/Mar/2026:19:03:58 +0000`. */
function commonLogTime(nowMs: number): string {
  const date = new Date(nowMs);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
