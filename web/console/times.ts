const minuteMs = 60_000;

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** Day and time as a person reads them. */
export function momentOf(time: string): string {
  return moment.format(new Date(time));
}

/** How long ago, in the largest whole unit. */
export function durationSince(time: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / minuteMs));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** Times to which something may be put off, in words: from now, in the local time of whoever looks. */
export function laterTimes(now: Date): { label: string; at: Date }[] {
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { label: 'In an hour', at: new Date(now.getTime() + 60 * minuteMs) },
    { label: 'Tomorrow, 8:00', at: morning(1) },
    { label: 'Monday, 8:00', at: morning(toMonday) },
    { label: 'In two weeks', at: morning(14) },
  ];
}
