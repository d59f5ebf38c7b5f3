import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { followClock } from './followClock.ts';
import type { FromWorker, Invocation, WorkerSetup } from './workerMessages.ts';

type Handler = (event: unknown, context: object) => unknown;

const setup = workerData as WorkerSetup;
const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');
const say = (message: FromWorker) => port.postMessage(message);

let isCompiledKept = false;

process.setSourceMapsEnabled(true);
// Before the bundle loads: what it takes from Date at import must already follow the test clock.
followClock(setup.clock);

const handler = await load();
if (handler) {
  port.on('message', (invocation: Invocation) => {
    run(handler, invocation)
      .then(say, (error: unknown) => say({ kind: 'failed', ...described(error) }))
      .finally(keepCompiled);
  });
  say({ kind: 'ready' });
}

/** After the first invocation, which compiles most of what is ever needed. */
function keepCompiled(): void {
  if (isCompiledKept) return;
  isCompiledKept = true;
  flushCompileCache();
}

async function load(): Promise<Handler | undefined> {
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(setup.file).href);
    const found = module[setup.exportName];
    if (typeof found === 'function') return found as Handler;
    say({
      kind: 'unusable',
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: `The bundle exports no ${setup.exportName}.`,
    });
  } catch (error) {
    say({ kind: 'unusable', ...described(error) });
  }
  return undefined;
}

async function run(handle: Handler, { event, requestId, deadlineInMs }: Invocation): Promise<FromWorker> {
  const startedAtMs = performance.now();
  const context = {
    ...setup.context,
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadlineInMs - (performance.now() - startedAtMs))),
  };
  const result = await handle(JSON.parse(event), context);
  return { kind: 'done', payload: JSON.stringify(result) ?? 'null' };
}

function described(error: unknown): { errorType: string; errorMessage: string } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  process.stderr.write(`${error.stack ?? error.message}\n`);
  return { errorType: error.name, errorMessage: error.message };
}
