import { createWriteStream, mkdirSync, readdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type {
  DeployedResource,
  Deployment,
  FunctionRuntime,
  InvocationResult,
  ServiceEndpoints,
  Stoppable,
} from '../ports.ts';
import { createPool, type Pool } from './createPool.ts';
import { functionEnvironment } from './functionEnvironment.ts';
import { type FunctionWorker, startWorker, type WorkerOptions } from './startWorker.ts';
import { payloadLimitBytes } from './workerMessages.ts';

export interface FunctionsOptions {
  deployment: Deployment;
  /** Directory of a function's code by its object key. */
  assetPath(objectKey: string): string;
  /** The endpoints as the given function sees them. */
  endpoints(functionName: string): ServiceEndpoints;
  /** Offset of the test clock in shared memory. */
  clock: SharedArrayBuffer;
  /** Receives `<function>.log` per function. */
  logDirectory: string;
  /** Keeps compiled code of functions, for later starts too. */
  compiledDirectory: string;
  idleMs?: number;
}

/** What Lambda would ask money for. */
export interface Invocations {
  function: string;
  count: number;
  milliseconds: number;
  memoryMegabytes: number;
}

export interface Functions extends FunctionRuntime, Stoppable {
  /** As `invoke`, but waits for a free environment where as many as may run at once are busy. */
  invokeQueued(functionLogicalId: string, event: unknown, queueMs: number): Promise<InvocationResult>;
  /** Workers that exist now, over all functions. */
  workers(): number;
  /** What each function did since the start, by its name without the stack's. */
  invocations(): Invocations[];
}

/** Lambda's own limit is a thousand; each worker here is a thread with a heap. */
const defaultConcurrency = 10;
const defaultIdleMs = 120_000;

const tooLarge: InvocationResult = {
  ok: false,
  errorType: 'RequestTooLargeException',
  errorMessage: `Request must be smaller than ${payloadLimitBytes} bytes for the InvokeFunction operation`,
};

/** The stack's functions in worker threads; an environment starts when it is first needed. */
export function startFunctions(options: FunctionsOptions): Functions {
  mkdirSync(options.logDirectory, { recursive: true });
  const pools = new Map<string, Pool>();
  const logs: WriteStream[] = [];
  const done = new Map<string, Invocations>();

  function poolOf(logicalId: string): Pool {
    const existing = pools.get(logicalId);
    if (existing) return existing;
    const resource = options.deployment.byLogicalId(logicalId);
    const name = shortName(resource, options.deployment.stackName);
    const log = createWriteStream(join(options.logDirectory, `${name}.log`), { flags: 'a' });
    // A worker's last words may come when everything is stopping.
    log.on('error', () => undefined);
    logs.push(log);
    const account = { function: name, count: 0, milliseconds: 0, memoryMegabytes: memoryOf(resource) };
    done.set(name, account);
    const pool = createPool({
      start: () => metered({ ...workerOptions(resource, name, options), log: (chunk) => log.write(chunk) }, account),
      limit: Number(resource.properties.ReservedConcurrentExecutions ?? defaultConcurrency),
      idleMs: options.idleMs ?? defaultIdleMs,
    });
    pools.set(logicalId, pool);
    return pool;
  }

  async function invokeQueued(logicalId: string, event: unknown, queueMs: number): Promise<InvocationResult> {
    const payload = JSON.stringify(event);
    if (Buffer.byteLength(payload) > payloadLimitBytes) return tooLarge;
    try {
      return await poolOf(logicalId).invoke(payload, queueMs);
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { ok: false, errorType: 'Runtime.Unavailable', errorMessage };
    }
  }

  return {
    invoke: (logicalId, event) => invokeQueued(logicalId, event, 0),
    invokeQueued,
    invocations: () => [...done.values()].map((account) => ({ ...account })),
    workers: () => [...pools.values()].reduce((sum, pool) => sum + pool.size(), 0),
    stop: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
      await Promise.all(logs.map((log) => new Promise<void>((resolve) => log.end(resolve))));
    },
  };
}

/** A worker whose invocations are counted, as Lambda does: from the event to the answer, without waiting for a worker. */
function metered(options: WorkerOptions, account: Invocations): FunctionWorker {
  const worker = startWorker(options);
  return {
    ...worker,
    run: async (event) => {
      const startedMs = performance.now();
      const result = await worker.run(event);
      account.count += 1;
      account.milliseconds += performance.now() - startedMs;
      return result;
    },
  };
}

function memoryOf({ properties }: DeployedResource): number {
  return Number(properties.MemorySize ?? 128);
}

/** The verb-noun: the deployed name without the stack's. */
export function shortName(resource: DeployedResource, stackName: string): string {
  const name = resource.physicalId;
  return name.startsWith(`${stackName}-`) ? name.slice(stackName.length + 1) : name;
}

function workerOptions(resource: DeployedResource, name: string, options: FunctionsOptions) {
  const { Code, Handler, Timeout } = resource.properties as {
    Code?: { S3Key?: string };
    Handler?: string;
    Timeout?: number;
  };
  const directory = options.assetPath(String(Code?.S3Key));
  const [base = 'index', exportName = 'handler'] = (Handler ?? 'index.handler').split('.');
  const memoryMegabytes = memoryOf(resource);
  return {
    setup: {
      file: join(directory, bundleFile(directory, base)),
      exportName,
      compiledDirectory: options.compiledDirectory,
      clock: options.clock,
      context: {
        functionName: resource.physicalId,
        functionVersion: '$LATEST',
        invokedFunctionArn: resource.attributes.Arn ?? '',
        memoryLimitInMB: String(memoryMegabytes),
        logGroupName: `/aws/lambda/${resource.physicalId}`,
        logStreamName: 'local',
      },
    },
    environment: functionEnvironment(resource, options.endpoints(name), directory),
    timeoutMs: (Timeout ?? 3) * 1000,
    memoryMegabytes,
  };
}

function bundleFile(directory: string, base: string): string {
  const files = readdirSync(directory);
  const found = ['.mjs', '.js', '.cjs'].map((extension) => `${base}${extension}`).find((file) => files.includes(file));
  if (!found) throw new Error(`The function's code in ${directory} has no ${base}.mjs.`);
  return found;
}
