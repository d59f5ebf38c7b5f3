import { join } from 'node:path';
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  type ListSchedulesCommandInput,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { createEventBus } from '../../local/events/eventBus.ts';
import { createTargets } from '../../local/events/targets.ts';
import type { DeployedResource } from '../../local/ports.ts';
import { schedulerApi } from '../../local/scheduler/schedulerApi.ts';
import { startScheduler } from '../../local/scheduler/startScheduler.ts';
import {
  failed,
  fakeClock,
  fakeDeployment,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  functionArn,
  queueArn,
  temporaryDirectory,
} from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const front = await startFront(() => undefined);
const client = new SchedulerClient({ ...clientSettings(front.endpoint('scheduler')), maxAttempts: 1 });
const directory = temporaryDirectory();
const running: { stop(): Promise<void> }[] = [];
let files = 0;

afterEach(async () => {
  for (const part of running.splice(0)) await part.stop();
});
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

function start({ resources = [], clock = fakeClock(), functions = fakeFunctions(), path }: Start = {}) {
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

function schedule(logicalId: string, ScheduleExpression: string, more: Record<string, unknown> = {}) {
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

function creation(Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) {
  const target = { Arn: functionArn('Sweep'), RoleArn: 'arn:aws:iam::000000000000:role/practice' };
  return {
    Name,
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    Target: { ...target, Input: JSON.stringify({ run: Name }) },
    ...more,
  };
}

const hourMs = 3_600_000;

test('time travel runs everything that came due, in order, each once', async () => {
  const { scheduler, clock, events } = start({
    resources: [
      schedule('Hourly', 'cron(0 * * * ? *)'),
      schedule('HalfPast', 'cron(30 * * * ? *)'),
      schedule('Once', 'at(2026-01-15T11:15:00)'),
      schedule('Later', 'at(2026-01-16T00:00:00)'),
    ],
  });
  clock.advance(3 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([
    { run: 'HalfPast', at: '2026-01-15T10:30:00Z' },
    { run: 'Hourly', at: '2026-01-15T11:00:00Z' },
    { run: 'Once', at: '2026-01-15T11:15:00Z' },
    { run: 'HalfPast', at: '2026-01-15T11:30:00Z' },
    { run: 'Hourly', at: '2026-01-15T12:00:00Z' },
    { run: 'HalfPast', at: '2026-01-15T12:30:00Z' },
    { run: 'Hourly', at: '2026-01-15T13:00:00Z' },
  ]);
  clock.advance(1);
  await scheduler.settled();
  expect(events()).toHaveLength(7);
});

test('a daily schedule keeps its time on the wall of Berlin over the change of clocks', async () => {
  const { scheduler, clock, events } = start({
    clock: fakeClock('2026-03-28T00:00:00Z'),
    resources: [schedule('Morning', 'cron(0 9 * * ? *)', { ScheduleExpressionTimezone: 'Europe/Berlin' })],
  });
  clock.advance(48 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([
    { run: 'Morning', at: '2026-03-28T08:00:00Z' },
    { run: 'Morning', at: '2026-03-29T07:00:00Z' },
  ]);
});

test('of a frequent schedule a long travel runs the last ten times only', async () => {
  const { scheduler, clock, events } = start({ resources: [schedule('Sweep', 'cron(* * * * ? *)')] });
  clock.advance(30 * 24 * hourMs);
  await scheduler.settled();
  expect(events()).toHaveLength(10);
  expect(events()[0]).toEqual({ run: 'Sweep', at: '2026-02-14T09:51:00Z' });
  expect(events()[9]).toEqual({ run: 'Sweep', at: '2026-02-14T10:00:00Z' });
});

test('a rate begins at once and goes on in its steps', async () => {
  const { scheduler, clock, events } = start({ resources: [schedule('Sweep', 'rate(1 hour)')] });
  await scheduler.settled();
  clock.advance(2 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([
    { run: 'Sweep', at: '2026-01-15T10:00:00Z' },
    { run: 'Sweep', at: '2026-01-15T11:00:00Z' },
    { run: 'Sweep', at: '2026-01-15T12:00:00Z' },
  ]);
});

test('nothing runs before the start date or after the end date, and nothing that is disabled', async () => {
  const { scheduler, clock, events } = start({
    resources: [
      schedule('Season', 'cron(0 * * * ? *)', {
        StartDate: '2026-01-15T11:30:00Z',
        EndDate: '2026-01-15T13:30:00Z',
      }),
      schedule('Off', 'cron(0 * * * ? *)', { State: 'DISABLED' }),
    ],
  });
  clock.advance(12 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([
    { run: 'Season', at: '2026-01-15T12:00:00Z' },
    { run: 'Season', at: '2026-01-15T13:00:00Z' },
  ]);
});

test('a scheduled rule runs its targets with the event that EventBridge makes', async () => {
  const rule = fakeResource(
    'Nightly',
    'AWS::Events::Rule',
    { ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'sweep', Arn: functionArn('Sweep') }] },
    { Arn: 'arn:aws:events:eu-central-1:000000000000:rule/practice-Nightly' },
  );
  const { scheduler, clock, events } = start({ resources: [rule] });
  await scheduler.settled();
  expect(events()).toEqual([]);
  clock.advance(24 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([
    {
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-01-16T10:00:00Z',
      region: 'eu-central-1',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/practice-Nightly'],
      detail: {},
    },
  ]);
});

test('after the clock went back what recurs runs again from there', async () => {
  const { scheduler, clock, events } = start({ resources: [schedule('Hourly', 'cron(0 * * * ? *)')] });
  clock.advance(-2 * hourMs);
  clock.advance(1.5 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([{ run: 'Hourly', at: '2026-01-15T09:00:00Z' }]);
});

test('a schedule made by the API runs, and is gone afterwards where it says so', async () => {
  const { scheduler, clock, events } = start();
  const { ScheduleArn } = await client.send(
    new CreateScheduleCommand(creation('minka', 'at(2026-01-15T12:00:00)', { ActionAfterCompletion: 'DELETE' })),
  );
  await client.send(new CreateScheduleCommand(creation('rex', 'at(2026-01-15T12:00:00)')));
  expect(ScheduleArn).toBe('arn:aws:scheduler:eu-central-1:000000000000:schedule/default/minka');
  clock.advance(2 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([{ run: 'minka' }, { run: 'rex' }]);
  await expect(client.send(new GetScheduleCommand({ Name: 'minka' }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  expect(await client.send(new GetScheduleCommand({ Name: 'rex' }))).toMatchObject({ Name: 'rex', State: 'ENABLED' });
});

test('the API answers with what was given', async () => {
  start();
  const StartDate = new Date('2026-02-01T00:00:00Z');
  await client.send(
    new CreateScheduleCommand(creation('spring', 'rate(7 days)', { StartDate, Description: 'vaccinations' })),
  );
  expect(await client.send(new GetScheduleCommand({ Name: 'spring' }))).toMatchObject({
    Arn: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/spring',
    GroupName: 'default',
    ScheduleExpression: 'rate(7 days)',
    ScheduleExpressionTimezone: 'UTC',
    StartDate,
    Description: 'vaccinations',
    CreationDate: new Date('2026-01-15T10:00:00Z'),
    ActionAfterCompletion: 'NONE',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: functionArn('Sweep'), Input: '{"run":"spring"}' },
  });
});

test('an update replaces the schedule, a deletion ends it', async () => {
  const { scheduler, clock, events } = start();
  for (const name of ['minka', 'rex']) {
    await client.send(new CreateScheduleCommand(creation(name, 'at(2026-01-15T11:00:00)')));
  }
  await client.send(new UpdateScheduleCommand(creation('minka', 'at(2026-01-15T15:00:00)')));
  await client.send(new DeleteScheduleCommand({ Name: 'rex' }));
  clock.advance(2 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([]);
  clock.advance(4 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([{ run: 'minka' }]);
});

test('schedules are listed by prefix, state and page', async () => {
  start();
  for (const name of ['cat-1', 'cat-2', 'cat-3', 'dog-1']) {
    const State = name === 'cat-2' ? ('DISABLED' as const) : ('ENABLED' as const);
    await client.send(new CreateScheduleCommand(creation(name, 'rate(1 day)', { State })));
  }
  const names = async (input: ListSchedulesCommandInput) => {
    const page = await client.send(new ListSchedulesCommand(input));
    return { names: page.Schedules?.map((entry) => entry.Name), more: page.NextToken };
  };
  expect(await names({ NamePrefix: 'cat' })).toEqual({ names: ['cat-1', 'cat-2', 'cat-3'], more: undefined });
  expect(await names({ State: 'DISABLED' })).toEqual({ names: ['cat-2'], more: undefined });
  expect(await names({ MaxResults: 3 })).toEqual({ names: ['cat-1', 'cat-2', 'cat-3'], more: '3' });
  expect(await names({ NextToken: '3' })).toEqual({ names: ['dog-1'], more: undefined });
});

test('what AWS refuses is refused with the same error', async () => {
  start();
  await client.send(new CreateScheduleCommand(creation('minka', 'rate(1 day)')));
  const create = (...input: Parameters<typeof creation>) => client.send(new CreateScheduleCommand(creation(...input)));
  await expect(create('minka', 'rate(1 day)')).rejects.toBeInstanceOf(ConflictException);
  await expect(create('rex', 'every day')).rejects.toBeInstanceOf(ValidationException);
  await expect(create('rex', 'rate(1 day)', { ScheduleExpressionTimezone: 'Nowhere' })).rejects.toBeInstanceOf(
    ValidationException,
  );
  await expect(create('rex', 'rate(1 day)', { GroupName: 'dogs' })).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(client.send(new DeleteScheduleCommand({ Name: 'rex' }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
});

test('a create that is sent again with the same token is the same schedule', async () => {
  start();
  const input = creation('minka', 'rate(1 day)', { ClientToken: 'a-token-of-the-client' });
  const first = await client.send(new CreateScheduleCommand(input));
  expect((await client.send(new CreateScheduleCommand(input))).ScheduleArn).toBe(first.ScheduleArn);
});

test('a schedule of the API survives a restart and runs once if it came due meanwhile', async () => {
  const first = start();
  await client.send(new CreateScheduleCommand(creation('minka', 'at(2026-01-15T11:00:00)')));
  await client.send(new CreateScheduleCommand(creation('rex', 'cron(0 * * * ? *)')));
  for (const part of running.splice(0)) await part.stop();
  const second = start({ path: first.path, clock: fakeClock('2026-01-15T14:30:00Z') });
  await second.scheduler.settled();
  expect(first.events()).toEqual([]);
  expect(second.events()).toEqual([{ run: 'minka' }, { run: 'rex' }]);
});

test('a restart runs nothing twice', async () => {
  const resources = [schedule('Hourly', 'cron(0 * * * ? *)'), schedule('Sweep', 'rate(1 hour)')];
  const first = start({ resources });
  first.clock.advance(hourMs);
  await first.scheduler.settled();
  expect(first.events()).toHaveLength(3);
  for (const part of running.splice(0)) await part.stop();
  const second = start({ resources, path: first.path, clock: first.clock });
  await second.scheduler.settled();
  expect(second.events()).toEqual([]);
});

test('what the template no longer holds no longer runs', async () => {
  const first = start({ resources: [schedule('Hourly', 'cron(0 * * * ? *)')] });
  for (const part of running.splice(0)) await part.stop();
  const second = start({ path: first.path });
  second.clock.advance(5 * hourMs);
  await second.scheduler.settled();
  expect(second.events()).toEqual([]);
});

test('a queue is a target too, and an unknown target goes to the dead-letter queue', async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'sweeps' }));
  const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'sweeps-dead' }));
  const role = { RoleArn: 'arn:aws:iam::000000000000:role/practice' };
  const { scheduler, clock } = start({
    resources: [
      schedule('ToQueue', 'cron(0 11 * * ? *)', { Target: { ...role, Arn: queueArn('sweeps'), Input: '{"a":1}' } }),
      schedule('ToNobody', 'cron(0 11 * * ? *)', {
        Target: {
          ...role,
          Arn: functionArn('Nobody'),
          Input: '{"b":2}',
          DeadLetterConfig: { Arn: queueArn('sweeps-dead') },
        },
      }),
    ],
  });
  clock.advance(2 * hourMs);
  await scheduler.settled();
  const bodies = async (url: string | undefined) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ['All'] }))).Messages ?? [];
  expect((await bodies(QueueUrl)).map(({ Body }) => Body)).toEqual(['{"a":1}']);
  expect(await bodies(dead.QueueUrl)).toMatchObject([
    {
      Body: '{"b":2}',
      MessageAttributes: {
        SCHEDULE_ARN: { StringValue: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/practice-ToNobody' },
        ERROR_CODE: { StringValue: 'NO_RESOURCE' },
      },
    },
  ]);
});

test('a function that fails is tried twice more, and the schedule goes on', async () => {
  const functions = fakeFunctions(() => failed());
  const { scheduler, clock } = start({ functions, resources: [schedule('Daily', 'cron(0 11 * * ? *)')] });
  clock.advance(26 * hourMs);
  await scheduler.settled();
  expect(functions.calls).toHaveLength(6);
});
