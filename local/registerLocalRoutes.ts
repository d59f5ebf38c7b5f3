import type { OperationCount } from './aws/createMeter.ts';
import { addDuration } from './clock/addDuration.ts';
import type { QueueDescription } from './messaging/describeQueues.ts';
import type { LocalAnswer, LocalHandler, LocalRequest, TestClock } from './ports.ts';

export interface LocalRoutesOptions {
  register(method: string, path: string, handler: LocalHandler): void;
  metrics(): OperationCount[];
  queues(): QueueDescription[];
  clock: TestClock;
  keys: Record<string, string>;
  /** Resolves when what fell due by a move of the clock has been done. */
  settle(): Promise<void>;
}

/** The helpers below `/_local/` that know the platform itself; the deployed stack has none of them. */
export function registerLocalRoutes({ register, metrics, queues, clock, keys, settle }: LocalRoutesOptions): void {
  register('GET', '/_local/metrics', () => json(200, { operations: metrics() }));
  register('GET', '/_local/queues', () => json(200, { queues: queues() }));
  register('GET', '/_local/keys', () => json(200, keys));
  register('GET', '/_local/clock', () => json(200, { now: new Date(clock.now()).toISOString() }));
  register('POST', '/_local/clock', async (request) => {
    const advance = parseAdvance(request);
    if (advance.fault !== undefined) return problem(request.path, advance.fault);
    const target = addDuration(clock.now(), advance.duration);
    if (target === undefined) return problem(request.path, 'must be an ISO 8601 duration such as P3D or PT90M');
    clock.advance(target - clock.now());
    await settle();
    return json(200, { now: new Date(clock.now()).toISOString() });
  });
}

type Advance = { duration: string; fault?: undefined } | { fault: string };

function parseAdvance({ body }: LocalRequest): Advance {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const advance = typeof parsed === 'object' && parsed !== null && 'advance' in parsed ? parsed.advance : undefined;
    return typeof advance === 'string' ? { duration: advance } : { fault: 'must be text' };
  } catch {
    return { fault: 'the body must be JSON such as {"advance":"P3D"}' };
  }
}

export function json(status: number, body: unknown): LocalAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: `${JSON.stringify(body)}\n`,
  };
}

function problem(instance: string, message: string): LocalAnswer {
  const document = {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: `advance: ${message}`,
    instance,
    issues: [{ path: 'advance', message }],
  };
  return { ...json(400, document), headers: { 'content-type': 'application/problem+json' } };
}
