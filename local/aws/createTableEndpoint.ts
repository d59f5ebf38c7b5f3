import { Agent, request as httpRequest } from 'node:http';
import type { ServiceAnswer, ServiceHandler, ServiceRequest } from '../ports.ts';
import type { FaultSource, TableFault } from './createFaults.ts';
import type { Meter } from './createMeter.ts';
import type { TableAccess } from './createTableAccess.ts';
import { isWrite, meteredCall, type WireBody } from './meteredCall.ts';
import { BrokenConnection } from './startFront.ts';

export interface TableEndpointOptions {
  /** The engine's endpoint. */
  engine: string;
  meter: Meter;
  faults: FaultSource;
  /** What functions may do; others, and all without it, may do everything. */
  access?: TableAccess;
  /** Called after a call that may have written, so that readers of streams need not wait for their next look. */
  onWrite?(): void;
}

export interface TableEndpoint {
  handle: ServiceHandler;
  close(): void;
}

/**
 * Passes DynamoDB and DynamoDB Streams calls on to the engine where the caller's role allows them, counts the capacity
 * that functions consume and answers as if nobody had counted. Throws BrokenConnection where a fault asks for it.
 */
export function createTableEndpoint({ engine, meter, faults, access, onWrite }: TableEndpointOptions): TableEndpoint {
  const agent = new Agent({ keepAlive: true });
  const forward = (request: ServiceRequest, body: string | Buffer) => send(agent, engine, request, body);
  const handle: ServiceHandler = async (request) => {
    const [api = '', operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
    if (!api.startsWith('DynamoDB_')) return spelledAsStreams(await forward(request, request.body));
    const fault = faults.forTableCall(request.caller, operation);
    if (fault && fault !== 'lost-answer') return refusals[fault];
    const answer =
      request.caller === undefined
        ? await forward(request, request.body)
        : await metered(request, request.caller, operation);
    if (answer.status === 200 && isWrite(operation)) onWrite?.();
    if (fault === 'lost-answer') throw new BrokenConnection();
    return answer;
  };

  async function metered(request: ServiceRequest, caller: string, operation: string): Promise<ServiceAnswer> {
    const body = JSON.parse(request.body.toString('utf8')) as WireBody;
    const refusal = access?.refusal(caller, operation, body);
    if (refusal !== undefined) return denied(refusal);
    const call = meteredCall(operation, body);
    if (!call) return forward(request, request.body);
    const answer = await forward(request, JSON.stringify(call.body));
    const { units, body: settled } = call.settle(answer.status, JSON.parse(String(answer.body)) as WireBody);
    meter.add(caller, operation, units);
    // The checksum was that of the body with the figures in it.
    const { 'x-amz-crc32': _, ...headers } = answer.headers;
    return { status: answer.status, headers, body: JSON.stringify(settled) };
  }

  return { handle, close: () => agent.destroy() };
}

const json = { 'content-type': 'application/x-amz-json-1.0' };

const refusals: Record<Exclude<TableFault, 'lost-answer'>, ServiceAnswer> = {
  throttle: {
    status: 400,
    headers: json,
    body: '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Throughput exceeds the current capacity of your table or index."}',
  },
  'server-error': {
    status: 500,
    headers: json,
    body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}',
  },
};

function denied(message: string): ServiceAnswer {
  const __type = 'com.amazon.coral.service#AccessDeniedException';
  return { status: 400, headers: json, body: JSON.stringify({ __type, message }) };
}

/** The engine spells the identity of an expiry as Lambda events do; the Streams API writes it in capitals. */
function spelledAsStreams(answer: ServiceAnswer): ServiceAnswer {
  const body = String(answer.body);
  const lambdaSpelling = '"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}';
  const streamsSpelling = '"userIdentity":{"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"}';
  return { ...answer, body: body.replaceAll(lambdaSpelling, streamsSpelling) };
}

function send(agent: Agent, engine: string, request: ServiceRequest, body: string | Buffer): Promise<ServiceAnswer> {
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
  const options = {
    agent,
    method: request.method,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${engine}${request.path}`, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 500,
          headers: answerHeaders(incoming.headers),
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function answerHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const kept = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'];
  return Object.fromEntries(kept.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])));
}
