import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { failed, fakeClock, fakeFunctions, fakeResource, functionArn, queueArn } from '../events-support.ts';
import { client, creation, hourMs, schedule, sqs, start } from '../scheduler-support.ts';
import { contract } from './contract.ts';

const guide = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide';
const api = 'https://docs.aws.amazon.com/scheduler/latest/APIReference';

contract('schedules', [
  {
    behaviour: 'a daily schedule keeps its time on the wall of Berlin over the change of clocks',
    source: `${guide}/schedule-types.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'a rate without a start date begins at once and goes on in its steps',
    source: `${guide}/schedule-types.html`,
    test: async () => {
      const { scheduler, clock, events } = start({ resources: [schedule('Sweep', 'rate(1 hour)')] });
      await scheduler.settled();
      clock.advance(2 * hourMs);
      await scheduler.settled();
      expect(events()).toEqual([
        { run: 'Sweep', at: '2026-01-15T10:00:00Z' },
        { run: 'Sweep', at: '2026-01-15T11:00:00Z' },
        { run: 'Sweep', at: '2026-01-15T12:00:00Z' },
      ]);
    },
  },
  {
    behaviour: 'nothing runs before the start date or after the end date',
    source: `${guide}/schedule-types.html`,
    test: async () => {
      const { scheduler, clock, events } = start({
        resources: [
          schedule('Season', 'cron(0 * * * ? *)', {
            StartDate: '2026-01-15T11:30:00Z',
            EndDate: '2026-01-15T13:30:00Z',
          }),
        ],
      });
      clock.advance(12 * hourMs);
      await scheduler.settled();
      expect(events()).toEqual([
        { run: 'Season', at: '2026-01-15T12:00:00Z' },
        { run: 'Season', at: '2026-01-15T13:00:00Z' },
      ]);
    },
  },
  {
    behaviour: 'what is disabled does not run',
    source: `${guide}/managing-schedule-state.html`,
    test: async () => {
      const { scheduler, clock, events } = start({
        resources: [schedule('Off', 'cron(0 * * * ? *)', { State: 'DISABLED' }), schedule('On', 'cron(0 11 * * ? *)')],
      });
      clock.advance(12 * hourMs);
      await scheduler.settled();
      expect(events()).toEqual([{ run: 'On', at: '2026-01-15T11:00:00Z' }]);
    },
  },
  {
    behaviour: 'a schedule for one time runs once; it stays, or is gone where it says so',
    source: `${guide}/managing-schedule-delete.html`,
    test: async () => {
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
      expect(await client.send(new GetScheduleCommand({ Name: 'rex' }))).toMatchObject({
        Name: 'rex',
        State: 'ENABLED',
      });
    },
  },
  {
    behaviour: 'a name twice, an unknown time zone or group and what is no expression are refused',
    source: `${api}/API_CreateSchedule.html`,
    test: async () => {
      start();
      await client.send(new CreateScheduleCommand(creation('minka', 'rate(1 day)')));
      const create = (...input: Parameters<typeof creation>) =>
        client.send(new CreateScheduleCommand(creation(...input)));
      await expect(create('minka', 'rate(1 day)')).rejects.toBeInstanceOf(ConflictException);
      await expect(create('rex', 'every day')).rejects.toBeInstanceOf(ValidationException);
      await expect(create('rex', 'rate(1 day)', { ScheduleExpressionTimezone: 'Nowhere' })).rejects.toBeInstanceOf(
        ValidationException,
      );
      await expect(create('rex', 'rate(1 day)', { GroupName: 'dogs' })).rejects.toBeInstanceOf(
        ResourceNotFoundException,
      );
      await expect(client.send(new DeleteScheduleCommand({ Name: 'rex' }))).rejects.toBeInstanceOf(
        ResourceNotFoundException,
      );
    },
  },
  {
    behaviour: 'a create that is sent again with the same token is the same schedule',
    source: `${api}/API_CreateSchedule.html`,
    test: async () => {
      start();
      const input = creation('minka', 'rate(1 day)', { ClientToken: 'a-token-of-the-client' });
      const first = await client.send(new CreateScheduleCommand(input));
      expect((await client.send(new CreateScheduleCommand(input))).ScheduleArn).toBe(first.ScheduleArn);
    },
  },
  {
    behaviour: 'a queue is a target too, and an unknown target goes to the dead-letter queue',
    source: `${guide}/configuring-schedule-dlq.html`,
    test: async () => {
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
            SCHEDULE_ARN: {
              StringValue: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/practice-ToNobody',
            },
            ERROR_CODE: { StringValue: 'NO_RESOURCE' },
          },
        },
      ]);
    },
  },
  {
    behaviour: 'a function that fails is tried twice more, as any asynchronous invocation is, and the schedule goes on',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html',
    test: async () => {
      const functions = fakeFunctions(() => failed());
      const { scheduler, clock } = start({ functions, resources: [schedule('Daily', 'cron(0 11 * * ? *)')] });
      clock.advance(26 * hourMs);
      await scheduler.settled();
      expect(functions.calls).toHaveLength(6);
    },
  },
  {
    behaviour: 'a scheduled rule runs its targets with the event that EventBridge makes',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html',
    test: async () => {
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
    },
  },
]);
