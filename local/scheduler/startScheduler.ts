import { randomUUID } from 'node:crypto';
import { stackIdentity } from '../events/awsNames.ts';
import { type EventBus, enabledRules } from '../events/eventBus.ts';
import { asNumber, asRecord, asText, parseJson } from '../events/json.ts';
import { createBell, messageOf, settleWithin, startLifetime } from '../events/lifetime.ts';
import type { Targets } from '../events/targets.ts';
import type { Deployment, LocalLog, Stoppable, TestClock } from '../ports.ts';
import { openScheduleStore, type ScheduleStore, type StoredSchedule } from './scheduleStore.ts';
import { catchUpFrom, firstDueAt, timingOf } from './scheduleTimes.ts';
import { deployedSchedules } from './templateSchedules.ts';

export interface SchedulerOptions {
  deployment: Deployment;
  targets: Targets;
  bus: EventBus;
  clock: TestClock;
  /** The file that keeps schedules and when they run next. */
  path: string;
  log: LocalLog;
}

export interface Scheduler extends Stoppable {
  store: ScheduleStore;
  /** To be called after a schedule was put into the store or removed. */
  changed(): void;
  /** Resolves when nothing that is due is left undone. */
  settled(): Promise<void>;
}

// Time travel over a year must not run half a million sweeps: of each schedule the last so many are run.
const mostCatchUps = 10;
const mostAfterRestart = 1;
/** Where the clock moved by minutes, nobody misses a few runs of many. */
const worthTellingMs = 60 * 60 * 1000;
// Due things run one after the other, in order; one that hangs holds up the others no longer than this.
const patienceMs = 5_000;
// Timers overflow after 24.8 days, and the machine may have slept.
const longestWaitMs = 60_000;

/**
 * Runs the template's schedules and scheduled rules and those made by the API, by the platform's clock: whatever a move
 * of the clock makes due runs, in the order of the due times, each once. What came due while nothing ran: one-time
 * schedules run at the start, recurring ones once for all they missed.
 */
export function startScheduler({ deployment, targets, bus, clock, path, log }: SchedulerOptions): Scheduler {
  const { region, account } = stackIdentity(deployment);
  const lifetime = startLifetime();
  const bell = createBell(lifetime);
  const store = openScheduleStore(path, log);
  let lastNow = clock.now();
  let busy = true;

  deploySchedules(store, deployment, lastNow, log);
  for (const schedule of store.all()) skipMissed(schedule, mostAfterRestart);
  const unsubscribe = clock.subscribe(() => {
    busy = true;
    if (clock.now() < lastNow) rewind();
    bell.ring();
  });
  const running = run();

  async function run(): Promise<void> {
    while (!lifetime.ended) {
      try {
        await step();
      } catch (error) {
        log(`The scheduler goes on after: ${messageOf(error)}`);
        await lifetime.wait(1_000);
      }
    }
  }

  async function step(): Promise<void> {
    lastNow = clock.now();
    const [next] = waiting();
    busy = next !== undefined && next.dueAt <= lastNow;
    if (next && busy) {
      if (!skipMissed(next, mostCatchUps)) await runNow(next, next.dueAt);
      return;
    }
    const untilDueMs = (next?.dueAt ?? Number.POSITIVE_INFINITY) - lastNow;
    await bell.wait(Math.min(longestWaitMs, untilDueMs));
  }

  /** Schedules that will run, the first due first. */
  function waiting(): (StoredSchedule & { dueAt: number })[] {
    const due = store.all().flatMap((schedule) => {
      const { dueAt } = schedule;
      return dueAt === null ? [] : [{ ...schedule, dueAt }];
    });
    return due.toSorted((a, b) => a.dueAt - b.dueAt);
  }

  async function runNow(schedule: StoredSchedule, dueAt: number): Promise<void> {
    await settleWithin(fire(schedule, dueAt), patienceMs);
    // It may have been changed or deleted meanwhile, even by its own target.
    const current = store.get(schedule.group, schedule.name);
    if (current?.modifiedAt !== schedule.modifiedAt || current.dueAt !== dueAt) return;
    const next = timingOf(schedule).next(dueAt) ?? null;
    if (next === null && schedule.definition.ActionAfterCompletion === 'DELETE') store.remove(schedule);
    else store.put({ ...schedule, dueAt: next });
  }

  async function fire(schedule: StoredSchedule, dueAt: number): Promise<void> {
    if (schedule.origin.startsWith('rule:')) {
      const rule = deployment.byLogicalId(schedule.origin.slice('rule:'.length));
      const resources = [rule.attributes.Arn ?? rule.physicalId];
      return bus.runRule(rule, {
        source: 'aws.events',
        detailType: 'Scheduled Event',
        detail: {},
        resources,
        at: dueAt,
      });
    }
    const target = asRecord(schedule.definition.Target);
    const input = inputOf(schedule, target, dueAt);
    if (String(target.Arn).includes(':event-bus/')) {
      const { Source, DetailType } = asRecord(target.EventBridgeParameters);
      bus.publish({ source: String(Source), detailType: String(DetailType), detail: asRecord(parseJson(input)) });
      return;
    }
    const deadLetterArn = asText(asRecord(target.DeadLetterConfig).Arn);
    const messageGroupId = asText(asRecord(target.SqsParameters).MessageGroupId);
    await targets.deliver({
      sender: `Schedule ${schedule.group}/${schedule.name}`,
      targetArn: String(target.Arn),
      input,
      maximumRetryAttempts: asNumber(asRecord(target.RetryPolicy).MaximumRetryAttempts, Number.POSITIVE_INFINITY),
      deadLetterAttributes: { SCHEDULE_ARN: arnOf(schedule), SCHEDULED_TIME: isoSeconds(dueAt) },
      ...(deadLetterArn !== undefined && { deadLetterArn }),
      ...(messageGroupId !== undefined && { messageGroupId }),
    });
  }

  function inputOf(schedule: StoredSchedule, target: Record<string, unknown>, dueAt: number): string {
    const given = asText(target.Input);
    if (given === undefined) return JSON.stringify(defaultEvent(schedule, dueAt));
    return given
      .replaceAll('<aws.scheduler.schedule-arn>', arnOf(schedule))
      .replaceAll('<aws.scheduler.scheduled-time>', isoSeconds(dueAt))
      .replaceAll('<aws.scheduler.execution-id>', randomUUID())
      .replaceAll('<aws.scheduler.attempt-number>', '1');
  }

  function defaultEvent(schedule: StoredSchedule, dueAt: number): Record<string, unknown> {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: isoSeconds(dueAt),
      region,
      resources: [arnOf(schedule)],
      detail: '{}',
    };
  }

  function arnOf({ group, name }: StoredSchedule): string {
    return scheduleArn(region, account, group, name);
  }

  /** Leaves out the oldest of more than `most` times that a recurring schedule missed; true if it did. */
  function skipMissed(schedule: StoredSchedule, most: number): boolean {
    const { dueAt } = schedule;
    const now = clock.now();
    if (dueAt === null || dueAt > now) return false;
    try {
      const timing = timingOf(schedule);
      const from = timing.kind === 'at' ? dueAt : catchUpFrom(timing, dueAt, now, most);
      if (from === dueAt) return false;
      if (from - dueAt >= worthTellingMs) {
        log(`Schedule ${schedule.name}: left out what was due before ${new Date(from).toISOString()}`);
      }
      store.put({ ...schedule, dueAt: from });
    } catch (error) {
      log(`Schedule ${schedule.name} is not valid any more: ${messageOf(error)}`);
      store.put({ ...schedule, dueAt: null });
    }
    return true;
  }

  /** After the clock went back, what recurs recurs from there. */
  function rewind(): void {
    lastNow = clock.now();
    for (const schedule of store.all()) {
      if (schedule.dueAt === null || timingOf(schedule).kind === 'at') continue;
      store.put({ ...schedule, dueAt: timingOf(schedule).next(lastNow) ?? null });
    }
  }

  return {
    store,
    changed: () => {
      busy = true;
      bell.ring();
    },
    settled: async () => {
      while (!lifetime.ended && (busy || waiting().some(({ dueAt }) => dueAt <= clock.now()))) await lifetime.wait(5);
    },
    stop: async () => {
      unsubscribe();
      lifetime.end();
      await running;
      await store.flush();
    },
  };
}

/** Brings the store in line with the template: new ones added, changed ones restarted, vanished ones removed. */
function deploySchedules(store: ScheduleStore, deployment: Deployment, now: number, log: LocalLog): void {
  const deployed = deployedSchedules(deployment, enabledRules(deployment));
  const origins = new Set(deployed.map(({ origin }) => origin));
  for (const kept of store.all()) if (kept.origin !== 'api' && !origins.has(kept.origin)) store.remove(kept);
  for (const { group, name, origin, definition } of deployed) {
    const kept = store.get(group, name);
    if (kept && JSON.stringify(kept.definition) === JSON.stringify(definition)) continue;
    try {
      const schedule = { group, name, origin, definition, createdAt: kept?.createdAt ?? now, modifiedAt: now };
      store.put({ ...schedule, dueAt: firstDueAt(schedule) });
    } catch (error) {
      log(`Schedule ${name} is left out: ${messageOf(error)}`);
    }
  }
}

export function scheduleArn(region: string, account: string, group: string, name: string): string {
  return `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;
}

function isoSeconds(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
