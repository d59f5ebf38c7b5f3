import { InvalidScheduleError } from './invalidScheduleError.ts';
import { instantOf, type WallTime, wallTimeAt } from './zonedTime.ts';

/** The six fields of an AWS cron expression, in UTC or on the wall of a time zone. */
export interface CronExpression {
  minutes: readonly number[];
  hours: readonly number[];
  months: ReadonlySet<number>;
  years: ReadonlySet<number>;
  /** Day of month and day of week together: one of them is `?`. */
  isDay(day: CalendarDay): boolean;
}

interface CalendarDay {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 1 is Sunday, as AWS counts. */
  weekday: number;
  daysInMonth: number;
}

type DayRule = (day: CalendarDay) => boolean;

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const dayMs = 86_400_000;
const lastYear = 2199;

/** Parses `minutes hours day-of-month month day-of-week year`; throws InvalidScheduleError naming the field. */
export function parseCron(expression: string): CronExpression {
  const fields = expression.trim().split(/\s+/);
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = fields;
  if (fields.length !== 6) throw new InvalidScheduleError(`cron(${expression}) needs six fields`);
  if ((days === '?') === (weekdays === '?')) {
    throw new InvalidScheduleError(`cron(${expression}) needs ? in either the day of month or the day of week`);
  }
  const isDayOfMonth = dayOfMonthRule(days);
  const isDayOfWeek = dayOfWeekRule(weekdays);
  return {
    minutes: listOf(minutes, 'minutes', 0, 59),
    hours: listOf(hours, 'hours', 0, 23),
    months: new Set(listOf(named(months, monthNames, 1), 'month', 1, 12)),
    years: new Set(listOf(years, 'year', 1970, lastYear)),
    isDay: (day) => isDayOfMonth(day) && isDayOfWeek(day),
  };
}

/**
 * The first instant after `after` (both in milliseconds since the epoch) that the expression names in the time zone;
 * undefined where there is none. A time that the clock skips is left out, one that it shows twice counts once.
 */
export function nextCronTime(cron: CronExpression, timeZone: string, after: number): number | undefined {
  const today = startOfDay(wallTimeAt(after, timeZone));
  const end = Date.UTC(lastYear + 1, 0, 1);
  for (let day = today; day < end; day += dayMs) {
    if (!namesDay(cron, day)) continue;
    const found = firstOn(day, cron, timeZone, after);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namesDay(cron: CronExpression, wall: WallTime): boolean {
  const date = new Date(wall);
  const month = date.getUTCMonth() + 1;
  const year = date.getUTCFullYear();
  if (!cron.months.has(month) || !cron.years.has(year)) return false;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return cron.isDay({ year, month, day: date.getUTCDate(), weekday: date.getUTCDay() + 1, daysInMonth });
}

function firstOn(day: WallTime, cron: CronExpression, timeZone: string, after: number): number | undefined {
  // Clocks are turned by at most a few hours, so earlier wall times need no look at the time zone.
  const earliest = wallTimeAt(after, timeZone) - 4 * 3_600_000;
  for (const hour of cron.hours) {
    for (const minute of cron.minutes) {
      const wall = day + hour * 3_600_000 + minute * 60_000;
      const instant = wall < earliest ? undefined : instantOf(wall, timeZone);
      if (instant !== undefined && instant > after) return instant;
    }
  }
  return undefined;
}

function startOfDay(wall: WallTime): WallTime {
  return wall - (((wall % dayMs) + dayMs) % dayMs);
}

/** The values of a field of numbers: `*`, `5`, `1-5`, `0/15`, `1-30/10` and lists of them. */
function listOf(field: string, name: string, lowest: number, highest: number): number[] {
  const values = field.split(',').flatMap((part) => {
    const [, from, to, step] = /^(\*|\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
    if (from === undefined || step === '0') throw new InvalidScheduleError(`${name} "${field}" is not valid`);
    const first = from === '*' ? lowest : Number(from);
    const last = to !== undefined ? Number(to) : from === '*' || step !== undefined ? highest : first;
    if (first < lowest || last > highest || first > last) {
      throw new InvalidScheduleError(`${name} "${field}" must lie between ${lowest} and ${highest}`);
    }
    const count = Math.floor((last - first) / Number(step ?? 1)) + 1;
    return Array.from({ length: count }, (_, index) => first + index * Number(step ?? 1));
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function named(field: string, names: readonly string[], first: number): string {
  return field.replace(/[A-Z]{3}/gi, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index === -1 ? name : String(index + first);
  });
}

/** `?` and `*`, `L` for the last day, `15W` and `LW` for the nearest weekday, else numbers. */
function dayOfMonthRule(field: string): DayRule {
  if (field === '?' || field === '*') return () => true;
  if (field === 'L') return ({ day, daysInMonth }) => day === daysInMonth;
  const [, near] = /^(L|\d+)W$/.exec(field) ?? [];
  if (near !== undefined) return (day) => day.day === nearestWeekday(near, day);
  const days = new Set(listOf(field, 'day of month', 1, 31));
  return ({ day }) => days.has(day);
}

/** The Monday to Friday nearest to a day, without leaving its month. */
function nearestWeekday(near: string, { day, weekday, daysInMonth }: CalendarDay): number {
  const wanted = near === 'L' ? daysInMonth : Math.min(Number(near), daysInMonth);
  const wantedWeekday = ((((weekday - 1 + wanted - day) % 7) + 7) % 7) + 1;
  if (wantedWeekday === 7) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (wantedWeekday === 1) return wanted < daysInMonth ? wanted + 1 : wanted - 2;
  return wanted;
}

/** `?` and `*`, `L` for Saturday, `6L` for the last Friday, `3#2` for the second Tuesday, else numbers or names. */
function dayOfWeekRule(field: string): DayRule {
  if (field === '?' || field === '*') return () => true;
  const numbers = named(field, dayNames, 1);
  if (numbers === 'L') return ({ weekday }) => weekday === 7;
  const [, last] = /^([1-7])L$/.exec(numbers) ?? [];
  if (last !== undefined) {
    return ({ day, weekday, daysInMonth }) => weekday === Number(last) && day > daysInMonth - 7;
  }
  const [, which, nth] = /^([1-7])#([1-5])$/.exec(numbers) ?? [];
  if (which !== undefined) {
    return ({ day, weekday }) => weekday === Number(which) && Math.ceil(day / 7) === Number(nth);
  }
  const days = new Set(listOf(numbers, 'day of week', 1, 7));
  return ({ weekday }) => days.has(weekday);
}
