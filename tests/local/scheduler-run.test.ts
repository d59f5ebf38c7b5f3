import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  type ListSchedulesCommandInput,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { expect, test } from 'vitest';
import { fakeClock, functionArn } from './events-support.ts';
import { client, creation, hourMs, schedule, start, stopAll } from './scheduler-support.ts';

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

test('of a frequent schedule a long travel runs the last ten times only', async () => {
  const { scheduler, clock, events } = start({ resources: [schedule('Sweep', 'cron(* * * * ? *)')] });
  clock.advance(30 * 24 * hourMs);
  await scheduler.settled();
  expect(events()).toHaveLength(10);
  expect(events()[0]).toEqual({ run: 'Sweep', at: '2026-02-14T09:51:00Z' });
  expect(events()[9]).toEqual({ run: 'Sweep', at: '2026-02-14T10:00:00Z' });
});

test('after the clock went back what recurs runs again from there', async () => {
  const { scheduler, clock, events } = start({ resources: [schedule('Hourly', 'cron(0 * * * ? *)')] });
  clock.advance(-2 * hourMs);
  clock.advance(1.5 * hourMs);
  await scheduler.settled();
  expect(events()).toEqual([{ run: 'Hourly', at: '2026-01-15T09:00:00Z' }]);
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

test('a schedule of the API survives a restart and runs once if it came due meanwhile', async () => {
  const first = start();
  await client.send(new CreateScheduleCommand(creation('minka', 'at(2026-01-15T11:00:00)')));
  await client.send(new CreateScheduleCommand(creation('rex', 'cron(0 * * * ? *)')));
  await stopAll();
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
  await stopAll();
  const second = start({ resources, path: first.path, clock: first.clock });
  await second.scheduler.settled();
  expect(second.events()).toEqual([]);
});

test('what the template no longer holds no longer runs', async () => {
  const first = start({ resources: [schedule('Hourly', 'cron(0 * * * ? *)')] });
  await stopAll();
  const second = start({ path: first.path });
  second.clock.advance(5 * hourMs);
  await second.scheduler.settled();
  expect(second.events()).toEqual([]);
});
