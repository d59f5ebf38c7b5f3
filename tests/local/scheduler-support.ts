import { join } from 'node:path';
import { type CreateScheduleCommandInput, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { createEventBus } from '../../local/events/eventBus.ts';
import { createTargets } from '../../local/events/targets.ts';
import type { DeployedResource } from '../../local/ports.ts';
import { schedulerApi } from '../../local/scheduler/schedulerApi.ts';
import { startScheduler } from '../../local/scheduler/startScheduler.ts';
import {
  fakeClock,
  fakeDeployment,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  functionArn,
  temporaryDirectory,
} from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
export const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const front = await startFront(() => undefined);
export const client = new SchedulerClient({ ...clientSettings(front.endpoint('scheduler')), maxAttempts: 1 });
const directory = temporaryDirectory();
const running: { stop(): Promise<void> }[] = [];
let files = 0;

/** Ends what was started, as the end of a test does. */
export async function stopAll(): Promise<void> {
  for (const part of running.splice(0)) await part.stop();
}

afterEach(stopAll);
afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await front.stop();
  await fauxqs.stop();
});

interface Start {
  resources?: DeployedResource[];
  clock?: ReturnType<typeof fakeClock>;
  functions?: ReturnType<typeof fakeFunctions>;
  path?: string;
}

export function start({ resources = [], clock = fakeClock(), functions = fakeFunctions(), path }: Start = {}) {
  const deployment = fakeDeployment([fakeFunction('Sweep'), ...resources]);
  const log = () => undefined;
  const targets = createTargets({
    deployment,
    functions,
    clock,
    sqs,
    path: join(directory, `deliveries-${++files}.jsonl`),
    log,
    backoff: { firstMs: 1, mostMs: 2 },
  });
  const bus = createEventBus({ deployment, targets, clock, log });
  const file = path ?? join(directory, `schedules-${++files}.json`);
  const scheduler = startScheduler({ deployment, targets, bus, clock, path: file, log });
  front.register('scheduler', schedulerApi({ scheduler, deployment, clock }));
  running.push(scheduler, targets);
  return { scheduler, clock, functions, path: file, events: () => functions.calls.map(({ event }) => event) };
}

export function schedule(logicalId: string, ScheduleExpression: string, more: Record<string, unknown> = {}) {
  return fakeResource(logicalId, 'AWS::Scheduler::Schedule', {
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: functionArn('Sweep'),
      RoleArn: 'arn:aws:iam::000000000000:role/practice',
      Input: JSON.stringify({ run: logicalId, at: '<aws.scheduler.scheduled-time>' }),
    },
    ...more,
  });
}

export function creation(Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) {
  const target = { Arn: functionArn('Sweep'), RoleArn: 'arn:aws:iam::000000000000:role/practice' };
  return {
    Name,
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    Target: { ...target, Input: JSON.stringify({ run: Name }) },
    ...more,
  };
}

export const hourMs = 3_600_000;
