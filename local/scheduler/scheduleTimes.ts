import { asText } from '../events/json.ts';
import { readScheduleExpression, type Timing } from './scheduleExpression.ts';
import type { StoredSchedule } from './scheduleStore.ts';

/** When a schedule runs within its start and end dates; throws InvalidScheduleError. */
export function timingOf(schedule: Pick<StoredSchedule, 'definition' | 'createdAt' | 'origin'>): Timing {
  const { definition, createdAt } = schedule;
  const startAt = inMilliseconds(definition.StartDate);
  const endAt = inMilliseconds(definition.EndDate) ?? Number.POSITIVE_INFINITY;
  const timing = readScheduleExpression(String(definition.ScheduleExpression), {
    timeZone: asText(definition.ScheduleExpressionTimezone),
    anchor: startAt ?? createdAt,
  });
  // Start and end dates do not apply to schedules that run once.
  if (timing.kind === 'at') return timing;
  return {
    kind: timing.kind,
    next: (after) => {
      const next = timing.next(startAt === undefined ? after : Math.max(after, startAt - 1));
      return next !== undefined && next <= endAt ? next : undefined;
    },
  };
}

/**
 * The first due time of a new or changed schedule, null where there is none. A one-time schedule whose time is over runs
 * at once, so that nothing is lost; a rate of the Scheduler begins at once, one of a rule after its first interval.
 */
export function firstDueAt(schedule: Pick<StoredSchedule, 'definition' | 'createdAt' | 'origin' | 'modifiedAt'>) {
  if (schedule.definition.State === 'DISABLED') return null;
  const timing = timingOf(schedule);
  if (timing.kind === 'at') return timing.next(Number.NEGATIVE_INFINITY) ?? null;
  const atOnce = timing.kind === 'rate' && !schedule.origin.startsWith('rule:');
  return timing.next(atOnce ? schedule.modifiedAt - 1 : schedule.modifiedAt) ?? null;
}

/**
 * The due time from which a schedule that is behind catches up: its own, or a later one such that at most `most` times
 * are left up to `now`.
 */
export function catchUpFrom(timing: Timing, dueAt: number, now: number, most: number): number {
  // Looks back only as far as needed: to count a year's minutes would take long. Schedules are never finer than minutes.
  for (let lookBackMs = most * 60_000; ; lookBackMs *= 4) {
    const from = Math.max(dueAt, now - lookBackMs);
    const times = timesBetween(timing, from, now);
    const first = times.length >= most ? times.at(-most) : times[0];
    if (times.length >= most || from === dueAt) return first ?? dueAt;
  }
}

/** All times from `from` to `to`, both included. */
function timesBetween(timing: Timing, from: number, to: number): number[] {
  const times: number[] = [];
  for (let next = timing.next(from - 1); next !== undefined && next <= to; next = timing.next(next)) times.push(next);
  return times;
}

export function inMilliseconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value * 1000;
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
