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
import { messageOf, settleWithin } from './lifetime.ts';
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
   * Resolves when streams and queues are consumed, what is due has run and nothing is being handled, or after `mostMs`.
   * A failed queue message is not waited for until its visibility time-out.
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

  async function consumeAll(givenUp: () => boolean): Promise<void> {
    let before: number;
    do {
      before = invocations();
      await Promise.all(streams.map((stream) => stream.settled()));
      await Promise.all([scheduler.settled(), targets.settled()]);
      await Promise.all(queues.map((queue) => queue.settled()));
      // What ran may have written to a table or sent to a queue that was looked at before.
    } while (!givenUp() && (invocations() !== before || targets.pending() > 0));
  }

  return {
    drain: async (mostMs = 20_000) => {
      let over = false;
      let consumed = false;
      const all = consumeAll(() => over).then(() => {
        consumed = true;
      });
      await settleWithin(all, mostMs);
      over = true;
      if (!consumed) log(`Events are still under way after ${mostMs / 1000} s.`);
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

function counted(functions: FunctionRuntime): { functions: FunctionRuntime; invocations(): number } {
  let count = 0;
  return {
    functions: {
      invoke: (functionLogicalId, event) => {
        count += 1;
        return functions.invoke(functionLogicalId, event);
      },
    },
    invocations: () => count,
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
