const duration =
  /^(?<sign>[+-]?)P(?!$)(?:(?<years>\d+)Y)?(?:(?<months>\d+)M)?(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?=\d)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d{1,3})?)S)?)?$/;

/**
 * Adds an ISO 8601 duration such as `P3D` or `-PT1H30M` to a time in epoch milliseconds; undefined if the text is none.
 * Years and months go by the UTC calendar, everything else by its length.
 */
export function addDuration(epochMs: number, text: string): number | undefined {
  const parts = duration.exec(text)?.groups;
  if (!parts) return undefined;
  const amount = (name: string) => Number(parts[name] ?? 0);
  const sign = parts.sign === '-' ? -1 : 1;
  const moved = new Date(epochMs);
  const months = sign * (amount('years') * 12 + amount('months'));
  if (months !== 0) moveMonths(moved, months);
  const days = amount('weeks') * 7 + amount('days');
  const seconds = (days * 24 + amount('hours')) * 3600 + amount('minutes') * 60 + amount('seconds');
  const result = moved.getTime() + sign * Math.round(seconds * 1000);
  return Number.isNaN(new Date(result).getTime()) ? undefined : result;
}

/** A month later than 31 January is the last of February. */
function moveMonths(date: Date, months: number): void {
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
}
