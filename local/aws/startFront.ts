import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isForeignHost } from '../gateway/isForeign.ts';
import type { LocalLog, ServiceHandler, Stoppable } from '../ports.ts';

export interface Front extends Stoppable {
  /** The endpoint of a service for one function, or for everybody else. */
  endpoint(service: string, caller?: string): string;
  /** Who answers for a service; the last registration holds. */
  register(service: string, handler: ServiceHandler): void;
}

/** A handler throws this to break the connection without an answer. */
export class BrokenConnection extends Error {
  override name = 'BrokenConnection';
}

const nobody = '-';

/**
 * One loopback server for the AWS endpoints that this platform answers itself.
 * `now` is the test clock in epoch milliseconds. Its paths begin with `/service/caller`: SDK clients keep the path of their endpoint, so every call names its function.
 */
export async function startFront(log: LocalLog, now: () => number = Date.now): Promise<Front> {
  const handlers = new Map<string, ServiceHandler>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // SDK clients take a date far from their own for a skewed clock and send refused calls again.
    response.setHeader('date', new Date(now()).toUTCString());
    answer(handlers, request, response).catch((error: unknown) => {
      if (error instanceof BrokenConnection) {
        request.socket.destroy();
        return;
      }
      log(`An AWS endpoint failed: ${error instanceof Error ? error.message : String(error)}`);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{"__type":"InternalServerError","message":"Internal error of the local endpoint"}');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: (service, caller = nobody) => `http://127.0.0.1:${port}/${service}/${encodeURIComponent(caller)}`,
    register: (service, handler) => {
      handlers.set(service, handler);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handlers: ReadonlyMap<string, ServiceHandler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, service = '', caller = nobody, rest = ''] = /^\/([^/?]*)\/?([^/?]*)(.*)$/.exec(request.url ?? '/') ?? [];
  const handler = isForeignHost(request.headers.host) ? undefined : handlers.get(service);
  const body = await readBody(request);
  if (!handler) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ __type: 'UnknownService', message: `No local endpoint for ${service}` }));
    return;
  }
  const result = await handler({
    method: request.method ?? 'GET',
    path: rest.startsWith('/') ? rest : `/${rest}`,
    headers: flatHeaders(request),
    body,
    ...(caller === nobody ? {} : { caller: decodeURIComponent(caller) }),
  });
  response.writeHead(result.status, { ...result.headers, 'content-length': Buffer.byteLength(result.body) });
  response.end(result.body);
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
