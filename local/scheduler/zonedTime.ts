/** A date and time on the wall of some time zone, as milliseconds since the epoch as if the zone were UTC. */
export type WallTime = number;

/** Whether the name is an IANA time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clock on the wall shows at an instant (milliseconds since the epoch). */
export function wallTimeAt(instant: number, timeZone: string): WallTime {
  if (timeZone === 'UTC') return instant;
  const values: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(instant)) values[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = values;
  const milliseconds = ((instant % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

/**
 * The first instant at which the wall shows this time: in autumn the earlier of two. Undefined where the clock skips it
 * in spring.
 */
export function instantOf(wall: WallTime, timeZone: string): number | undefined {
  if (timeZone === 'UTC') return wall;
  const instants = offsetsAround(wall, timeZone).map((offset) => wall - offset);
  const shown = instants.filter((instant) => wallTimeAt(instant, timeZone) === wall);
  return shown.length === 0 ? undefined : Math.min(...shown);
}

/** As `instantOf`; a time that the clock skips is read with the offset from before the change, so it falls just after. */
export function instantOfOrAfter(wall: WallTime, timeZone: string): number {
  const [before = 0] = offsetsAround(wall, timeZone);
  return instantOf(wall, timeZone) ?? wall - before;
}

const dayMs = 86_400_000;

function offsetsAround(wall: WallTime, timeZone: string): [number, number] {
  // No zone is more than 14 hours off, and none changes twice within two days.
  return [offsetAt(wall - dayMs, timeZone), offsetAt(wall + dayMs, timeZone)];
}

function offsetAt(instant: number, timeZone: string): number {
  return wallTimeAt(instant, timeZone) - instant;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}
