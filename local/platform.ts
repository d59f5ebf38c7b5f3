import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createCustomResources, customTypes } from './assembly/customResources.ts';
import { deploy } from './assembly/deploy.ts';
import { ignoredTypes } from './assembly/ignoredTypes.ts';
import { readAssembly } from './assembly/readAssembly.ts';
import { synthesizeAssembly } from './assembly/synthesizeAssembly.ts';
import { createFaults, type Faults } from './aws/createFaults.ts';
import { createMeter, type OperationCount } from './aws/createMeter.ts';
import { createParameterStore } from './aws/createParameterStore.ts';
import { createTableAccess } from './aws/createTableAccess.ts';
import { createTableEndpoint } from './aws/createTableEndpoint.ts';
import { startFront } from './aws/startFront.ts';
import { createClock } from './clock/createClock.ts';
import { createStopping, type Stopping } from './createStopping.ts';
import { engineClient } from './engine/createTable.ts';
import { createTables } from './engine/createTables.ts';
import { startEngine } from './engine/startEngine.ts';
import { startExpiry } from './engine/startExpiry.ts';
import { startTrimming } from './engine/startTrimming.ts';
import { messageOf } from './events/lifetime.ts';
import { type Events, startEvents } from './events/startEvents.ts';
import { clientEnvironment } from './functions/functionEnvironment.ts';
import { type Invocations, startFunctions } from './functions/startFunctions.ts';
import { apiRoutes } from './gateway/apiRoutes.ts';
import { startGateway } from './gateway/startGateway.ts';
import { createMessagingResources } from './messaging/createMessagingResources.ts';
import { describeQueues } from './messaging/describeQueues.ts';
import { startMessaging } from './messaging/startMessaging.ts';
import { openDataDirectory } from './openDataDirectory.ts';
import type { Deployment, LocalHandler, LocalLog, ServiceEndpoints, Stoppable, TestClock } from './ports.ts';
import { type Keys, type ProvisionOptions, provisionKeys } from './provisionKeys.ts';
import { runningFileName } from './readRunning.ts';
import { registerLocalRoutes } from './registerLocalRoutes.ts';
import { startReceiving } from './ses/startReceiving.ts';

export interface PlatformOptions {
  /** 0 takes a free one. */
  port: number;
  dataDir: string;
  /** Deletes the content of the data directory first. */
  fresh?: boolean;
  log: LocalLog;
  /** A synthesized assembly to run instead of this repository's own. */
  templateDir?: string;
  /** Says what of the template is not run. */
  verbose?: boolean;
  /** Deletes the data directory after the engine's end, however this process ends. */
  ephemeral?: boolean;
  /** Gives up while starting; what was started is stopped. */
  signal?: AbortSignal;
}

export interface Platform extends Stoppable {
  /** The API and the pages, `http://localhost:port`. */
  url: string;
  dataDir: string;
  /** In plain text, by name such as `browserWriteKey`. */
  keys: Keys;
  clock: TestClock;
  /** The domain whose mail `POST /_local/email` receives. */
  inboundDomain: string | undefined;
  /** What functions consumed since the start. */
  metrics(): OperationCount[];
  /** How often and how long they ran since the start. */
  invocations(): Invocations[];
  deployment: Deployment;
  faults: Faults;
  /** For SDK clients of tests; calls by these are not counted. */
  endpoints: ServiceEndpoints;
  registerLocalRoute(method: string, path: string, handler: LocalHandler): void;
  /** Whether a page or helper is registered. */
  serves(method: string, path: string): boolean;
  /**
   * Resolves when streams and queues are consumed and what fell due has been done. Rejects after `mostMs`, naming what is
   * still under way.
   */
  drain(mostMs?: number): Promise<void>;
  /** Resolves with one sentence if a part ends by itself. */
  failed: Promise<string>;
}

const repository = resolve(import.meta.dirname, '..');

/** Starts everything; rejects with a sentence for people, after stopping what had been started. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const stopping = createStopping();
  try {
    return await start(options, stopping);
  } catch (error) {
    await stopping.stop();
    throw error;
  }
}

async function start(options: PlatformOptions, stopping: Stopping): Promise<Platform> {
  const { log } = options;
  const abort = new AbortController();
  stopping.add({ stop: async () => abort.abort() });
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const failure = Promise.withResolvers<string>();
  const data = stopping.add(openDataDirectory(options.dataDir, options.fresh === true));
  const inData = (name: string) => join(data.path, name);
  const clock = createClock({ file: inData('clock.json'), log });
  const faults = createFaults();
  const meter = createMeter();

  // First of all: a taken port is the likeliest fault, and found at once.
  const gateway = stopping.add(
    await startGateway({ port: options.port, now: clock.now, log, fault: faults.forRequest }),
  );
  const url = `http://localhost:${gateway.port}`;
  const [assembly, engine, messaging, front] = await Promise.all([
    options.templateDir
      ? { directory: options.templateDir, fingerprint: options.templateDir }
      : synthesizeAssembly({ repository, log, signal }),
    stopping.starting(
      startEngine({ dbPath: inData('engine.db'), ...(options.ephemeral ? { rubbish: data.path } : {}) }),
    ),
    stopping.starting(startMessaging({ dataDir: data.path, clock })),
    stopping.starting(startFront(log, clock.now)),
  ]);
  engine.ended.then(() => failure.resolve(engineEnded)).catch(() => undefined);
  signal.throwIfAborted();

  const stack = readAssembly(assembly.directory);
  if (options.verbose) log(`Not run on this machine: ${ignoredTypes(stack.template).join(', ')}`);
  const deployment = deploy(stack, { queueUrl: messaging.queueUrl, apiUrl: url });
  let events: Events | undefined;
  const table = createTableEndpoint({
    engine: engine.endpoint,
    meter,
    faults,
    access: createTableAccess(deployment),
    onWrite: () => events?.wake(),
  });
  stopping.add({ stop: async () => table.close() });
  const parameters = createParameterStore({ file: inData('parameters.json'), now: clock.now });
  front.register('dynamodb', table.handle);
  front.register('ssm', parameters.handle);
  for (const { physicalId, properties } of deployment.ofType('AWS::SSM::Parameter')) {
    parameters.declare(physicalId, String(properties.Value));
  }
  createMessagingResources(messaging, deployment, log);

  const endpointsOf = (caller?: string): ServiceEndpoints => ({
    dynamodb: front.endpoint('dynamodb', caller),
    sqs: messaging.endpoint,
    sns: messaging.endpoint,
    s3: messaging.endpoint,
    ssm: front.endpoint('ssm', caller),
    ses: front.endpoint('ses', caller),
    scheduler: front.endpoint('scheduler', caller),
    events: front.endpoint('events', caller),
  });
  const endpoints = endpointsOf();
  const client = engineClient(engine.endpoint);
  stopping.add({ stop: async () => client.destroy() });
  const [tables, keys] = await Promise.all([
    createTables(client, deployment),
    provision(deployment, {
      repository,
      dataDir: data.path,
      parameters,
      endpoints,
      fingerprint: assembly.fingerprint,
      signal,
    }),
  ]);
  const expiry = stopping.add(startExpiry({ client, tables, clock, streams: engine.streams, log }));
  const functions = stopping.add(
    startFunctions({
      deployment,
      assetPath: stack.assetPath,
      endpoints: endpointsOf,
      clock: clock.shared,
      logDirectory: inData('logs'),
      // Beside the bundles that it belongs to; what is not ours to write into stays as it is.
      compiledDirectory: options.templateDir ? inData('compiled') : join(assembly.directory, 'compiled'),
    }),
  );
  const started = stopping.add(startEvents({ deployment, functions, clock, endpoints, dataDir: data.path, log }));
  events = started;
  for (const [service, handler] of Object.entries(started.handlers)) front.register(service, handler);
  if (engine.streams) {
    stopping.add(startTrimming({ streams: engine.streams, positions: started.streamPositions, log }));
  }
  const drain = async (mostMs?: number) => {
    await expiry.settle();
    await started.drain(mostMs);
  };
  for (const { method, path, handle } of started.routes) gateway.registerLocalRoute(method, path, handle);
  registerLocalRoutes({
    register: gateway.registerLocalRoute,
    metrics: meter.operations,
    queues: () => describeQueues({ messaging, deployment, logDirectory: inData('logs') }),
    clock,
    keys,
    settle: () => drain(settleMs).catch((error: unknown) => log(messageOf(error))),
  });
  const customResources = createCustomResources({
    deployment,
    functions,
    types: customTypes(stack.template),
    endpoint: front.endpoint('cloudformation'),
    file: inData('custom-resources.json'),
  });
  front.register('cloudformation', customResources.handle);
  await customResources.apply();
  const { receiptRuleSets } = started.ses;
  const receiving = stopping.add(startReceiving({ receiptRuleSets, endpoints, clock }));
  if (receiving.domain !== undefined) gateway.registerLocalRoute('POST', '/_local/email', receiving.handle);
  gateway.serve(apiRoutes(deployment), (id, event) => functions.invokeQueued(id, event, queueForRequestsMs));
  // Added once more: the front door closes first.
  stopping.add(gateway);
  announce(inData(runningFileName), { url, environment: environmentOf(deployment, endpoints) }, stopping);
  return {
    url,
    dataDir: data.path,
    keys,
    clock,
    inboundDomain: receiving.domain,
    metrics: meter.operations,
    invocations: functions.invocations,
    deployment,
    faults,
    endpoints,
    registerLocalRoute: gateway.registerLocalRoute,
    serves: gateway.serves,
    drain,
    failed: failure.promise,
    stop: stopping.stop,
  };
}

const engineEnded = 'The embedded DynamoDB engine ended by itself. What was acknowledged is kept: start again.';
/** Whoever moves the clock waits this long for what fell due. */
const settleMs = 5_000;
/** Deployed, a thousand environments answer; here a request waits for one of a few. */
const queueForRequestsMs = 10_000;

/** A stack whose functions read no parameters needs none. */
async function provision(deployment: Deployment, options: Omit<ProvisionOptions, 'prefix'>): Promise<Keys> {
  const prefixes = deployment.ofType('AWS::Lambda::Function').flatMap(({ properties }) => {
    const { Environment } = properties as { Environment?: { Variables?: Record<string, string> } };
    return Environment?.Variables?.PARAMETER_PREFIX ?? [];
  });
  return prefixes[0] ? provisionKeys({ ...options, prefix: prefixes[0] }) : {};
}

/** What the functions of the stack are told, for commands of its operators. */
function environmentOf(deployment: Deployment, endpoints: ServiceEndpoints): Record<string, string> {
  const told = deployment.ofType('AWS::Lambda::Function').flatMap(({ properties }) => {
    const { Environment } = properties as { Environment?: { Variables?: Record<string, unknown> } };
    return Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [name, String(value)]);
  });
  return { ...clientEnvironment(endpoints), ...Object.fromEntries(told) };
}

/** The small commands find a running platform by this file. */
function announce(
  file: string,
  running: { url: string; environment: Record<string, string> },
  stopping: Stopping,
): void {
  writeFileSync(file, JSON.stringify({ ...running, pid: process.pid }));
  stopping.add({ stop: async () => rmSync(file, { force: true }) });
}
