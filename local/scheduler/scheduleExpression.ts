import { nextCronTime, parseCron } from './cronExpression.ts';
import { InvalidScheduleError } from './invalidScheduleError.ts';
import { instantOfOrAfter, isTimeZone } from './zonedTime.ts';

/** When a schedule runs; all times are milliseconds since the epoch. */
export interface Timing {
  /** The first time strictly after `after`; undefined where there is none. */
  next(after: number): number | undefined;
  kind: 'at' | 'rate' | 'cron';
}

export interface TimingOptions {
  timeZone?: string | undefined;
  /** A time at which a rate runs: the schedule's start date, else when it was created. */
  anchor: number;
}

/** Reads `at(…)`, `rate(…)` or `cron(…)`; throws InvalidScheduleError. */
export function readScheduleExpression(expression: string, { timeZone = 'UTC', anchor }: TimingOptions): Timing {
  if (!isTimeZone(timeZone)) throw new InvalidScheduleError(`Invalid time zone "${timeZone}".`);
  const [, kind, argument = ''] = /^(at|rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'at') return atTiming(argument, timeZone);
  if (kind === 'rate') return rateTiming(argument, anchor);
  if (kind === 'cron') return cronTiming(argument, timeZone);
  throw new InvalidScheduleError(`Invalid Schedule Expression ${expression}.`);
}

function atTiming(argument: string, timeZone: string): Timing {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument) ? Date.parse(`${argument}Z`) : Number.NaN;
  if (Number.isNaN(wall)) throw new InvalidScheduleError(`Invalid Schedule Expression at(${argument}).`);
  const instant = instantOfOrAfter(wall, timeZone);
  return { kind: 'at', next: (after) => (instant > after ? instant : undefined) };
}

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rateTiming(argument: string, anchor: number): Timing {
  const [, count, unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(argument) ?? [];
  const everyMs = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (Number.isNaN(everyMs)) throw new InvalidScheduleError(`Invalid Schedule Expression rate(${argument}).`);
  return {
    kind: 'rate',
    next: (after) => anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs,
  };
}

function cronTiming(argument: string, timeZone: string): Timing {
  const cron = parseCron(argument);
  return { kind: 'cron', next: (after) => nextCronTime(cron, timeZone, after) };
}
