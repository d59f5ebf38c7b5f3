import { randomUUID } from 'node:crypto';
import { stackIdentity } from '../events/awsNames.ts';
import { asRecord, asText, parseJson } from '../events/json.ts';
import type { Deployment, ServiceAnswer, ServiceHandler, TestClock } from '../ports.ts';
import { InvalidScheduleError } from './invalidScheduleError.ts';
import type { StoredSchedule } from './scheduleStore.ts';
import { firstDueAt } from './scheduleTimes.ts';
import { type Scheduler, scheduleArn } from './startScheduler.ts';

export interface SchedulerApiOptions {
  scheduler: Scheduler;
  deployment: Deployment;
  clock: TestClock;
}

class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

interface Call {
  name: string;
  query: URLSearchParams;
  input: Record<string, unknown>;
}

/** The EventBridge Scheduler API: CreateSchedule, GetSchedule, UpdateSchedule, DeleteSchedule and ListSchedules. */
export function schedulerApi({ scheduler, deployment, clock }: SchedulerApiOptions): ServiceHandler {
  const { store } = scheduler;
  const { region, account } = stackIdentity(deployment);
  const arnOf = ({ group, name }: StoredSchedule) => scheduleArn(region, account, group, name);

  const operations: Record<string, (call: Call) => Promise<unknown>> = {
    POST: async ({ name, input }) => {
      const group = groupOf(input.GroupName);
      const existing = store.get(group, name);
      if (existing) {
        // The SDK's retry of a call whose answer was lost is no conflict.
        if (asText(input.ClientToken) && existing.definition.ClientToken === input.ClientToken)
          return { ScheduleArn: arnOf(existing) };
        throw new ApiError('ConflictException', 409, `Schedule ${name} already exists.`);
      }
      return save(group, name, input, clock.now());
    },
    PUT: async ({ name, input }) => {
      const existing = find(groupOf(input.GroupName), name);
      return save(existing.group, name, input, existing.createdAt);
    },
    GET: async ({ name, query }) =>
      name === '' ? list(query) : described(find(groupOf(query.get('groupName')), name)),
    DELETE: async ({ name, query }) => {
      store.remove(find(groupOf(query.get('groupName')), name));
      await store.flush();
      scheduler.changed();
      return {};
    },
  };

  function groupOf(value: unknown): string {
    const group = asText(value) ?? 'default';
    const groups = deployment.ofType('AWS::Scheduler::ScheduleGroup').map(({ physicalId }) => physicalId);
    if (group === 'default' || groups.includes(group)) return group;
    throw new ApiError('ResourceNotFoundException', 404, `Schedule group ${group} does not exist.`);
  }

  function find(group: string, name: string): StoredSchedule {
    const schedule = store.get(group, name);
    if (schedule) return schedule;
    throw new ApiError('ResourceNotFoundException', 404, `Schedule ${name} does not exist.`);
  }

  async function save(group: string, name: string, input: Record<string, unknown>, createdAt: number) {
    validate(name, input);
    const { Name: _, GroupName: __, ...definition } = input;
    const schedule = { group, name, origin: 'api' as const, definition, createdAt, modifiedAt: clock.now() };
    const stored = { ...schedule, dueAt: firstDueAt(schedule) };
    store.put(stored);
    await store.flush();
    scheduler.changed();
    return { ScheduleArn: arnOf(stored) };
  }

  function list(query: URLSearchParams) {
    const group = query.get('ScheduleGroup');
    const state = query.get('State');
    const wanted = store
      .all()
      .filter((schedule) => !schedule.origin.startsWith('rule:') && (group === null || schedule.group === group))
      .filter(({ name }) => name.startsWith(query.get('NamePrefix') ?? ''))
      .filter(({ definition }) => state === null || (definition.State ?? 'ENABLED') === state);
    const from = Number(query.get('NextToken') ?? 0);
    const to = from + Number(query.get('MaxResults') ?? 100);
    const Schedules = wanted.slice(from, to).map(summarized);
    return { Schedules, ...(to < wanted.length && { NextToken: String(to) }) };
  }

  function summarized(schedule: StoredSchedule) {
    const { name, group, definition, createdAt, modifiedAt } = schedule;
    return {
      Arn: arnOf(schedule),
      Name: name,
      GroupName: group,
      State: definition.State ?? 'ENABLED',
      CreationDate: createdAt / 1000,
      LastModificationDate: modifiedAt / 1000,
      Target: { Arn: asRecord(definition.Target).Arn },
    };
  }

  function described(schedule: StoredSchedule) {
    const { ClientToken: _, ...definition } = schedule.definition;
    const defaults = { ScheduleExpressionTimezone: 'UTC', ActionAfterCompletion: 'NONE' };
    return { ...defaults, ...definition, ...summarized(schedule), Target: definition.Target };
  }

  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://scheduler');
    const [, name] = /^\/schedules(?:\/([^/]+))?\/?$/.exec(url.pathname) ?? [];
    const operation = operations[method];
    if (!operation || !url.pathname.startsWith('/schedules')) {
      return refusal(new ApiError('ValidationException', 400, `${method} ${url.pathname} is not served locally.`));
    }
    try {
      const call = { name: decodeURIComponent(name ?? ''), query: url.searchParams };
      return answer(200, await operation({ ...call, input: asRecord(parseJson(body.toString('utf8'))) }));
    } catch (error) {
      if (error instanceof ApiError) return refusal(error);
      if (error instanceof InvalidScheduleError)
        return refusal(new ApiError('ValidationException', 400, error.message));
      throw error;
    }
  };
}

function validate(name: string, input: Record<string, unknown>): void {
  const target = asRecord(input.Target);
  const window = asRecord(input.FlexibleTimeWindow);
  const faults = [
    /^[0-9a-zA-Z-_.]{1,64}$/.test(name) ? '' : `Value '${name}' at 'name' must match [0-9a-zA-Z-_.]{1,64}`,
    asText(input.ScheduleExpression) ? '' : "Value at 'scheduleExpression' must not be null",
    asText(target.Arn)?.startsWith('arn:') ? '' : "Value at 'target.arn' must be an ARN",
    asText(target.RoleArn)?.startsWith('arn:') ? '' : "Value at 'target.roleArn' must be an ARN",
    window.Mode === 'OFF' || window.Mode === 'FLEXIBLE'
      ? ''
      : "Value at 'flexibleTimeWindow.mode' must be OFF or FLEXIBLE",
  ].filter((fault) => fault !== '');
  if (faults.length === 0) return;
  throw new ApiError('ValidationException', 400, `${faults.length} validation errors detected: ${faults.join('; ')}`);
}

function refusal({ code, status, message }: ApiError): ServiceAnswer {
  const answered = answer(status, { Message: message });
  return { ...answered, headers: { ...answered.headers, 'x-amzn-errortype': code } };
}

function answer(status: number, body: unknown): ServiceAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: JSON.stringify(body) };
}
