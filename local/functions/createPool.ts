import type { InvocationResult } from '../ports.ts';
import type { FunctionWorker } from './startWorker.ts';

export interface PoolOptions {
  /** Starts a worker; it reports through its promises and never throws. */
  start(): FunctionWorker;
  /** At most this many invocations at once: the reserved concurrency, else a default. */
  limit: number;
  /** A worker that had nothing to do for this long is stopped. */
  idleMs: number;
}

export interface Pool {
  /** Where the limit is reached, waits up to `queueMs`; then the invocation is throttled. Never rejects. */
  invoke(event: string, queueMs: number): Promise<InvocationResult>;
  size(): number;
  stop(): Promise<void>;
}

interface Waiting {
  event: string;
  resolve(result: InvocationResult): void;
  timer?: NodeJS.Timeout;
}

const throttled: InvocationResult = {
  ok: false,
  throttled: true,
  errorType: 'TooManyRequestsException',
  errorMessage: 'Rate Exceeded.',
};

/** Runs one invocation per worker at a time, as Lambda does, and starts workers while somebody waits. */
export function createPool({ start, limit, idleMs }: PoolOptions): Pool {
  const all = new Set<FunctionWorker>();
  const idle: { worker: FunctionWorker; reaper: NodeJS.Timeout }[] = [];
  const queue: Waiting[] = [];
  let starting = false;
  let running = 0;
  let stopped = false;

  function grow(): void {
    // One at a time: a burst that the present workers finish sooner than a new one starts needs no more of them.
    if (stopped || starting || all.size >= limit || queue.length === 0) return;
    starting = true;
    const worker = start();
    all.add(worker);
    worker.ended.then(() => remove(worker)).catch(() => undefined);
    worker.ready
      .then((fault) => {
        starting = false;
        if (fault) for (const waiting of queue.splice(0)) settle(waiting, fault);
        else release(worker);
        grow();
      })
      .catch(() => undefined);
  }

  function release(worker: FunctionWorker): void {
    const next = worker.isUsable() ? queue.shift() : undefined;
    if (next) run(worker, next);
    else if (worker.isUsable()) idle.push({ worker, reaper: setTimeout(retire, idleMs, worker).unref() });
  }

  function retire(worker: FunctionWorker): void {
    remove(worker);
    worker.stop().catch(() => undefined);
  }

  function remove(worker: FunctionWorker): void {
    all.delete(worker);
    const index = idle.findIndex((resting) => resting.worker === worker);
    for (const { reaper } of index >= 0 ? idle.splice(index, 1) : []) clearTimeout(reaper);
    grow();
  }

  function run(worker: FunctionWorker, waiting: Waiting): void {
    clearTimeout(waiting.timer);
    running += 1;
    worker
      .run(waiting.event)
      .then((result) => {
        running -= 1;
        waiting.resolve(result);
        release(worker);
      })
      .catch(() => undefined);
  }

  function waitInQueue(waiting: Waiting, queueMs: number): void {
    const isFull = running + queue.length >= limit;
    if (isFull && queueMs <= 0) {
      waiting.resolve(throttled);
      return;
    }
    if (isFull) {
      waiting.timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiting), 1);
        waiting.resolve(throttled);
      }, queueMs);
    }
    queue.push(waiting);
    grow();
  }

  return {
    invoke: (event, queueMs) =>
      new Promise((resolve) => {
        // The latest first, so that those which nobody needs any more rest long enough to be stopped.
        const resting = idle.pop();
        clearTimeout(resting?.reaper);
        if (stopped) resolve(throttled);
        else if (resting) run(resting.worker, { event, resolve });
        else waitInQueue({ event, resolve }, queueMs);
      }),
    size: () => all.size,
    stop: async () => {
      stopped = true;
      for (const waiting of queue.splice(0)) settle(waiting, throttled);
      await Promise.all([...all].map((worker) => worker.stop()));
    },
  };
}

function settle(waiting: Waiting, result: InvocationResult): void {
  clearTimeout(waiting.timer);
  waiting.resolve(result);
}
