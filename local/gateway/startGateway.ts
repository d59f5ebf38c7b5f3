import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayFault } from '../aws/createFaults.ts';
import type { InvocationResult, LocalAnswer, LocalHandler, LocalLog, Stoppable } from '../ports.ts';
import { type GatewayAnswer, gatewayAnswer, gatewayError } from './gatewayAnswer.ts';
import { isForeignHost, isForeignPage } from './isForeign.ts';
import { matchRoute, parseRoute, type Route } from './matchRoute.ts';
import { requestEvent } from './requestEvent.ts';

export interface GatewayOptions {
  /** 0 takes a free one. */
  port: number;
  /** Epoch milliseconds of the test clock. */
  now(): number;
  log: LocalLog;
  fault(path: string): GatewayFault | undefined;
}

export interface Gateway extends Stoppable {
  port: number;
  /** The routes of the stack's API; before this, every request is answered 503. `functionId` is what `invoke` is called with. */
  serve(routes: readonly { routeKey: string; functionId: string }[], invoke: Invoke): void;
  /** A page or helper beside the API; it is looked for first. `path` may hold `{name}` and `{name+}`. */
  registerLocalRoute(method: string, path: string, handler: LocalHandler): void;
  /** Whether a page or helper is registered. */
  serves(method: string, path: string): boolean;
}

type Invoke = (functionId: string, event: unknown) => Promise<InvocationResult>;

/** Until the functions run, callers are told to try again. */
const notYet: InvocationResult = {
  ok: false,
  throttled: true,
  errorType: 'NotReady',
  errorMessage: 'The platform is starting.',
};
/** What is under way when the platform stops may take this long. */
const graceMs = 2_000;
const bodyLimitBytes = 10 * 1024 * 1024;
/** Of the request line and the values of all headers. */
const headLimitBytes = 10_240;
/** A helper is handed whole mails. */
const localBodyLimitBytes = 64 * 1024 * 1024;
const integrationTimeoutMs = 30_000;

/** The HTTP API on loopback addresses. Rejects with code EADDRINUSE where the port is taken. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  let routes: Route<string>[] = [parseRoute('$default', '')];
  let invoke: Invoke = async () => notYet;
  const localRoutes: Route<LocalHandler>[] = [];
  const servers = await listen(options.port, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.log(`A request failed: ${error instanceof Error ? error.message : String(error)}`);
      if (!response.headersSent) write(response, gatewayError(500, 'Internal Server Error'));
      else response.destroy();
    });
  });
  const { port } = servers[0].address() as AddressInfo;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    if (isForeignHost(request.headers.host)) return write(response, gatewayError(403, 'Forbidden'));
    const path = url.split('?')[0] ?? '/';
    const local = matchRoute(localRoutes, method, path);
    const body = await readBody(request, local ? localBodyLimitBytes : bodyLimitBytes);
    if (!body) return write(response, gatewayError(413, 'Request Entity Too Large'));
    if (local) {
      if (isForeignPage(request.headers)) return write(response, gatewayError(403, 'Forbidden'));
      const answer = await local.route.target({
        method,
        path,
        parameters: local.parameters,
        query: new URLSearchParams(url.slice(path.length + 1)),
        headers: flatHeaders(request),
        body,
      });
      return write(response, fromLocal(answer));
    }
    if (headBytes(request) > headLimitBytes) {
      return write(response, gatewayError(431, 'Request Header Fields Too Large'));
    }
    const match = matchRoute(routes, method, path);
    if (!match) return write(response, gatewayError(404, 'Not Found'));
    const fault = options.fault(path);
    if (fault?.kind === 'answer') return write(response, faultAnswer(fault.status));
    const event = requestEvent(
      {
        method,
        url,
        rawHeaders: request.rawHeaders,
        body,
        sourceIp: (request.socket.remoteAddress ?? '127.0.0.1').replace('::ffff:', ''),
        protocol: `HTTP/${request.httpVersion}`,
        port,
      },
      { routeKey: match.route.key, parameters: match.parameters, requestId: randomUUID(), nowMs: options.now() },
    );
    const answer = await withTimeout(invoke(match.route.target, event));
    if (fault?.kind === 'drop') request.socket.destroy();
    else
      write(response, { ...answer, headers: { ...answer.headers, 'apigw-requestid': event.requestContext.requestId } });
  }

  return {
    port,
    serve: (declared, invokeFunction) => {
      routes = declared.map(({ routeKey, functionId }) => parseRoute(routeKey, functionId));
      invoke = invokeFunction;
    },
    registerLocalRoute: (method, path, handler) => {
      localRoutes.push(parseRoute(`${method} ${path}`, handler));
    },
    serves: (method, path) => matchRoute(localRoutes, method, path) !== undefined,
    stop: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

function faultAnswer(status: number): GatewayAnswer {
  const answer = gatewayError(status, status === 429 ? 'Too Many Requests' : 'Internal Server Error');
  return status === 429 ? { ...answer, headers: { ...answer.headers, 'retry-after': '1' } } : answer;
}

async function withTimeout(invocation: Promise<InvocationResult>): Promise<GatewayAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<GatewayAnswer>((resolve) => {
    timer = setTimeout(() => resolve(gatewayError(503, 'Service Unavailable')), integrationTimeoutMs);
  });
  const answer = await Promise.race([invocation.then(gatewayAnswer), late]);
  clearTimeout(timer);
  return answer;
}

function fromLocal({ status, headers = {}, body = '' }: LocalAnswer): GatewayAnswer {
  return { status, headers, body: Buffer.isBuffer(body) ? body : Buffer.from(body) };
}

function write(response: ServerResponse, { status, headers, body }: GatewayAnswer): void {
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, hasBody ? { ...headers, 'content-length': body.length } : headers);
  response.end(hasBody ? body : undefined);
}

function headBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  return Buffer.byteLength(`${method} ${url} HTTP/${httpVersion}${values.join('')}`);
}

/** Undefined where the body is over the gateway's limit; the rest of it is read and dropped. */
function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > limitBytes ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('The caller went away.')));
  });
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Browsers try `::1` first: a stranger who listens there would receive what is meant for us. */
async function listen(port: number, listener: Listener): Promise<[Server, ...Server[]]> {
  const first = await listenOn('127.0.0.1', port, listener);
  const taken = (first.address() as AddressInfo).port;
  try {
    return [first, await listenOn('::1', taken, listener)];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' || port === 0) return [first];
    await close(first);
    throw error;
  }
}

function listenOn(host: string, port: number, listener: Listener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 60_000 }, listener);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
