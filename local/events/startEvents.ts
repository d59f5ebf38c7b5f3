import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type LocalRoute, mailboxRoutes } from '../pages/mailbox.ts';
import type {
  DeployedResource,
  Deployment,
  FunctionRuntime,
  LocalLog,
  ServiceEndpoints,
  ServiceHandler,
  Stoppable,
  TestClock,
} from '../ports.ts';
import { schedulerApi } from '../scheduler/schedulerApi.ts';
import { startScheduler } from '../scheduler/startScheduler.ts';
import { createSes, type Ses } from '../ses/createSes.ts';
import { clientSettings, findFunction, parseArn } from './awsNames.ts';
import { createEventBus } from './eventBus.ts';
import { eventsApi } from './eventsApi.ts';
import { isDoneWithin, messageOf } from './lifetime.ts';
import { type QueueMapping, startQueueMapping } from './queueMapping.ts';
import { type StreamMapping, startStreamMapping } from './streamMapping.ts';
import { createTargets } from './targets.ts';

export interface EventsOptions {
  deployment: Deployment;
  functions: FunctionRuntime;
  clock: TestClock;
  endpoints: Pick<ServiceEndpoints, 'dynamodb' | 'sqs'>;
  /** Checkpoints, schedules and mails lie here. */
  dataDir: string;
  log: LocalLog;
}

export interface Events extends Stoppable {
  /**
   * Resolves when streams and queues are consumed, what is due has run and nothing is being handled. A failed queue
   * message is not waited for until its visibility time-out. Rejects after `mostMs`, naming what is still under way.
   */
  drain(mostMs?: number): Promise<void>;
  /** Looks at the streams now: whoever knows of a write to a table calls this. */
  wake(): void;
  /** By table the sequence number up to which every mapping has consumed its stream for good. */
  streamPositions(): Map<string, string>;
  /** The AWS endpoints of this part. */
  handlers: Record<'events' | 'scheduler' | 'ses', ServiceHandler>;
  /** The mailbox. */
  routes: LocalRoute[];
  ses: Ses;
}

/**
 * Runs what the template says about events: mappings of streams and queues to functions, rules and schedules, and the
 * services that cause events. Errors of functions and services are logged and retried, never thrown.
 */
export function startEvents(options: EventsOptions): Events {
  const { deployment, clock, endpoints, dataDir, log } = options;
  const { functions, invocations } = counted(options.functions);
  const sqs = new SQSClient(clientSettings(endpoints.sqs));
  const targets = createTargets({ deployment, functions, clock, sqs, path: join(dataDir, 'deliveries.jsonl'), log });
  const bus = createEventBus({ deployment, targets, clock, log });
  const ses = createSes({ deployment, bus, clock, dataDir, log });
  const scheduler = startScheduler({ deployment, targets, bus, clock, path: join(dataDir, 'schedules.json'), log });
  const streams: StreamMapping[] = [];
  const queues: QueueMapping[] = [];

  for (const mapping of deployment.ofType('AWS::Lambda::EventSourceMapping')) {
    try {
      startMapping(mapping);
    } catch (error) {
      log(`Mapping ${mapping.logicalId} is left out: ${messageOf(error)}`);
    }
  }

  function startMapping(mapping: DeployedResource): void {
    const { Enabled, EventSourceArn, FunctionName } = mapping.properties;
    if (Enabled === false || Enabled === 'false') return;
    const target = findFunction(deployment, String(FunctionName));
    if (!target) throw new Error(`the template has no function ${String(FunctionName)}`);
    const { service } = parseArn(String(EventSourceArn));
    const common = { mapping, target, functions, clock, sqs, log };
    const checkpointPath = join(dataDir, 'checkpoints', `${mapping.logicalId}.json`);
    if (service === 'dynamodb') streams.push(startStreamMapping({ ...common, endpoints, checkpointPath }));
    else if (service === 'sqs') queues.push(startQueueMapping(common));
    else throw new Error(`${service} as an event source is not emulated`);
  }

  /** Until nothing causes anything any more; `underWay` holds by name what is being waited for. */
  async function consumeAll(underWay: Set<string>, givenUp: () => boolean): Promise<void> {
    const settle = async (parts: readonly (Pick<StreamMapping, 'settled'> & { name: string })[]) => {
      for (const { name } of parts) underWay.add(name);
      await Promise.all(parts.map(({ name, settled }) => settled().then(() => underWay.delete(name))));
    };
    let before: ReturnType<typeof invocations>;
    do {
      before = invocations();
      await settle(streams);
      await settle([
        { name: 'Scheduler', settled: scheduler.settled },
        { name: 'Deliveries of rules and schedules', settled: targets.settled },
      ]);
      await settle(queues);
      // What ran, also what had begun before, may have written to a table or sent to a queue that was looked at already.
    } while (!givenUp() && (before.running > 0 || invocations().begun !== before.begun || targets.pending() > 0));
  }

  return {
    drain: async (mostMs = 45_000) => {
      const underWay = new Set<string>();
      let over = false;
      const isDone = await isDoneWithin(
        consumeAll(underWay, () => over),
        mostMs,
      );
      over = true;
      if (isDone) return;
      const parts = underWay.size > 0 ? [...underWay].join(', ') : 'Functions that cause one another';
      throw new Error(`Still under way after ${mostMs / 1000} s: ${parts}`);
    },
    wake: () => {
      for (const stream of streams) stream.wake();
    },
    streamPositions: () => positionsByTable(streams),
    handlers: { events: eventsApi(bus), scheduler: schedulerApi({ scheduler, deployment, clock }), ses: ses.handle },
    routes: mailboxRoutes(ses.outbox),
    ses,
    stop: async () => {
      await Promise.all([...streams, ...queues].map((mapping) => mapping.stop()));
      await scheduler.stop();
      await targets.stop();
      sqs.destroy();
    },
  };
}

function counted(functions: FunctionRuntime) {
  let begun = 0;
  let ended = 0;
  return {
    functions: {
      invoke: async (functionLogicalId, event) => {
        begun += 1;
        try {
          return await functions.invoke(functionLogicalId, event);
        } finally {
          ended += 1;
        }
      },
    } satisfies FunctionRuntime,
    invocations: () => ({ begun, running: begun - ended }),
  };
}

/** The lowest position of each table's mappings; none where a mapping has not consumed anything yet. */
function positionsByTable(streams: readonly StreamMapping[]): Map<string, string> {
  const positions = new Map<string, string>();
  for (const tableName of new Set(streams.map((stream) => stream.tableName))) {
    const consumed = streams.filter((stream) => stream.tableName === tableName).map((stream) => stream.consumedUpTo());
    const known = consumed.flatMap((position) => (position === undefined ? [] : [BigInt(position)]));
    if (known.length < consumed.length) continue;
    const [lowest] = known.toSorted((a, b) => (a < b ? -1 : 1));
    positions.set(tableName, String(lowest));
  }
  return positions;
}
