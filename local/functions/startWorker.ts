import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { InvocationResult } from '../ports.ts';
import { type FromWorker, type Invocation, payloadLimitBytes, type WorkerSetup } from './workerMessages.ts';

export interface WorkerOptions {
  setup: WorkerSetup;
  /** The whole environment; nothing of this process's own is passed on. */
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMegabytes: number;
  /** Receives what the function writes to standard output and standard error. */
  log(chunk: Buffer | string): void;
}

/** One execution environment of a function. */
export interface FunctionWorker {
  /** Undefined once it can run, else why its bundle cannot be loaded. */
  ready: Promise<InvocationResult | undefined>;
  ended: Promise<void>;
  /** False after a time-out or a crash, from that moment on. */
  isUsable(): boolean;
  /** One at a time. Never rejects. */
  run(event: string): Promise<InvocationResult>;
  stop(): Promise<void>;
}

/** Lambda allows ten seconds; a machine that runs everything at once may need longer. */
const startTimeoutMs = 25_000;

export function startWorker({ setup, environment, timeoutMs, memoryMegabytes, log }: WorkerOptions): FunctionWorker {
  const worker = new Worker(bootstrap(setup.compiledDirectory), {
    eval: true,
    name: setup.context.functionName,
    workerData: setup,
    env: environment,
    // Flags of this process, such as a test runner's, are not the function's.
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  });
  worker.stdout.on('data', log);
  worker.stderr.on('data', log);
  let usable = true;
  let settleCurrent: ((result: InvocationResult) => void) | undefined;
  let lastError: Error | undefined;

  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      usable = false;
      settleCurrent?.(crashed(lastError));
      resolve();
    });
  });
  worker.on('error', (error) => {
    lastError = error instanceof Error ? error : new Error(String(error));
    log(`${lastError.stack ?? lastError.message}\n`);
  });
  worker.on('message', (message: FromWorker) => settleCurrent?.(asResult(message)));

  function next(limitMs: number, whenLate: string): Promise<InvocationResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        usable = false;
        log(`${whenLate}\n`);
        settleCurrent?.({ ok: false, errorType: 'Sandbox.Timedout', errorMessage: whenLate });
        worker.terminate().catch(() => undefined);
      }, limitMs);
      settleCurrent = (result) => {
        settleCurrent = undefined;
        clearTimeout(timer);
        resolve(result);
      };
    });
  }

  const seconds = (timeoutMs / 1000).toFixed(2);
  const ready = next(startTimeoutMs, 'Error: the function was not ready after 25 seconds').then((result) => {
    if (result.ok) return undefined;
    usable = false;
    worker.terminate().catch(() => undefined);
    return result;
  });
  return {
    ready,
    ended,
    isUsable: () => usable,
    run: (event) => {
      const requestId = randomUUID();
      const result = next(timeoutMs, `${requestId} Error: Task timed out after ${seconds} seconds`);
      worker.postMessage({ event, requestId, deadlineInMs: timeoutMs } satisfies Invocation);
      return result;
    },
    stop: async () => {
      usable = false;
      await worker.terminate();
    },
  };
}

/** Whoever compiles the same code again, TypeScript included, takes what an earlier environment compiled. */
function bootstrap(compiledDirectory: string): string {
  const [directory, file] = [compiledDirectory, new URL('./worker.ts', import.meta.url).href].map((text) =>
    JSON.stringify(text),
  );
  return `require('node:module').enableCompileCache(${directory}); import(${file});`;
}

function asResult(message: FromWorker): InvocationResult {
  switch (message.kind) {
    case 'ready':
      return { ok: true, payload: undefined };
    case 'done':
      return Buffer.byteLength(message.payload) > payloadLimitBytes
        ? {
            ok: false,
            errorType: 'Function.ResponseSizeTooLarge',
            errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
          }
        : { ok: true, payload: JSON.parse(message.payload) };
    case 'failed':
    case 'unusable':
      return { ok: false, errorType: message.errorType, errorMessage: message.errorMessage };
  }
}

function crashed(error: Error | undefined): InvocationResult {
  const outOfMemory = error !== undefined && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return {
    ok: false,
    errorType: outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
    errorMessage: error?.message ?? 'The function ended the process.',
  };
}
