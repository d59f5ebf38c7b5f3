const iso8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * An ISO 8601 time as milliseconds since the epoch; digits beyond milliseconds are cut. A time without a zone is UTC,
 * whatever zone the machine is in, or a retry on another machine would find another key. Undefined where the text is
 * no such time or no day of the calendar.
 */
export function parseClientTime(text: string): number | undefined {
  const match = iso8601.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const field = (digits: string | undefined) => Number(digits ?? 0);
  if (field(hour) > 23 || field(minute) > 59 || field(second) > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(field(year), field(month) - 1, field(day));
  if (midnight.getUTCMonth() !== field(month) - 1 || midnight.getUTCDate() !== field(day)) return undefined;
  const offsetMinutes = zoneOffsetMinutes(zone);
  if (offsetMinutes === undefined) return undefined;
  const timeOfDayMs = ((field(hour) * 60 + field(minute) - offsetMinutes) * 60 + field(second)) * 1000;
  return midnight.getTime() + timeOfDayMs + field((fraction ?? '').padEnd(3, '0').slice(0, 3));
}

function zoneOffsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
