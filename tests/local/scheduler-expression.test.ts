import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readScheduleExpression } from '../../local/scheduler/scheduleExpression.ts';

const anchor = Date.parse('2026-01-01T00:00:00Z');

function times(expression: string, timeZone: string, after: string, count: number): (string | undefined)[] {
  const timing = readScheduleExpression(expression, { timeZone, anchor });
  const found: (string | undefined)[] = [];
  let last: number | undefined = Date.parse(after);
  for (let index = 0; index < count && last !== undefined; index++) {
    last = timing.next(last);
    found.push(last === undefined ? undefined : new Date(last).toISOString().replace('.000Z', 'Z'));
  }
  return found;
}

describe('cron in Europe/Berlin over the change to summer time (2026-03-29, 02:00 becomes 03:00)', () => {
  test('a daily time outside the gap keeps its place on the wall', () => {
    expect(times('cron(0 9 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T08:00:00Z',
      '2026-03-29T07:00:00Z',
      '2026-03-30T07:00:00Z',
    ]);
  });
  test('a time that does not exist is skipped that day', () => {
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
  });
  test('every half hour has no gap on the real clock', () => {
    expect(times('cron(0/30 * * * ? *)', 'Europe/Berlin', '2026-03-29T00:10:00Z', 4)).toEqual([
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T02:00:00Z',
    ]);
  });
});

describe('cron in Europe/Berlin over the change to winter time (2026-10-25, 03:00 becomes 02:00)', () => {
  test('a time that the wall shows twice runs once, the first time', () => {
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });
  test('the repeated hour is not repeated', () => {
    expect(times('cron(0/30 * * * ? *)', 'Europe/Berlin', '2026-10-24T23:45:00Z', 4)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T02:30:00Z',
    ]);
  });
  test('a daily time keeps its place on the wall', () => {
    expect(times('cron(0 9 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T08:00:00Z',
      '2026-10-26T08:00:00Z',
    ]);
  });
});

describe('cron fields as AWS reads them', () => {
  const cases: [string, string, string[]][] = [
    ['cron(15 12 * * ? *)', '2026-01-31T13:00:00Z', ['2026-02-01T12:15:00Z']],
    ['cron(0 18 ? * MON-FRI *)', '2026-01-16T19:00:00Z', ['2026-01-19T18:00:00Z', '2026-01-20T18:00:00Z']],
    ['cron(0 8 1 * ? *)', '2026-01-15T00:00:00Z', ['2026-02-01T08:00:00Z', '2026-03-01T08:00:00Z']],
    ['cron(0/10 8-9 ? * 2 *)', '2026-01-19T09:45:00Z', ['2026-01-19T09:50:00Z', '2026-01-26T08:00:00Z']],
    ['cron(0 0 L * ? *)', '2026-02-01T00:00:00Z', ['2026-02-28T00:00:00Z', '2026-03-31T00:00:00Z']],
    ['cron(0 0 ? * 6L *)', '2026-01-01T00:00:00Z', ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z']],
    ['cron(0 0 ? * TUE#2 *)', '2026-01-01T00:00:00Z', ['2026-01-13T00:00:00Z', '2026-02-10T00:00:00Z']],
    ['cron(0 0 15W * ? *)', '2026-02-01T00:00:00Z', ['2026-02-16T00:00:00Z', '2026-03-16T00:00:00Z']],
    ['cron(0 0 1W * ? *)', '2026-07-15T00:00:00Z', ['2026-08-03T00:00:00Z', '2026-09-01T00:00:00Z']],
    ['cron(0 0 LW * ? *)', '2026-01-01T00:00:00Z', ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z']],
    ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['cron(5,35 14 1-3 1,7 ? 2026/2)', '2026-07-03T14:05:00Z', ['2026-07-03T14:35:00Z', '2028-01-01T14:05:00Z']],
  ];
  test.each(cases)('%s after %s', (expression, after, expected) => {
    expect(times(expression, 'UTC', after, expected.length)).toEqual(expected);
  });
  test('a day that never comes has no next time', () => {
    expect(times('cron(0 0 31 FEB ? *)', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
  });
  test('years that are over have no next time', () => {
    expect(times('cron(0 0 1 1 ? 2025)', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
  });
});

describe('at', () => {
  test('names one time on the wall of its zone', () => {
    expect(times('at(2026-07-01T09:00:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-07-01T07:00:00Z',
      undefined,
    ]);
  });
  test('a time that the clock skips runs an hour later on the wall', () => {
    expect(times('at(2026-03-29T02:30:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', 1)).toEqual([
      '2026-03-29T01:30:00Z',
    ]);
  });
});

test('a rate counts from its anchor, whatever the time zone', () => {
  expect(times('rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T00:00:00Z',
    '2026-03-30T00:00:00Z',
  ]);
  expect(times('rate(5 minutes)', 'UTC', '2025-12-31T23:57:00Z', 2)).toEqual([
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:05:00Z',
  ]);
});

test.each([
  'every day',
  'rate(0 minutes)',
  'rate(5 weeks)',
  'at(2026-13-01T00:00:00)',
  'at(2026-01-01)',
  'cron(0 9 * * *)',
  'cron(0 9 1 * 1 *)',
  'cron(0 9 ? * ? *)',
  'cron(0 9 * * * *)',
  'cron(60 9 * * ? *)',
  'cron(0 24 * * ? *)',
  'cron(0 9 * FOO ? *)',
  'cron(5-1 9 * * ? *)',
])('%s is refused', (expression) => {
  expect(() => readScheduleExpression(expression, { anchor })).toThrowError(
    expect.objectContaining({ name: 'InvalidScheduleError' }),
  );
});

test('an unknown time zone is refused', () => {
  expect(() => readScheduleExpression('rate(1 day)', { timeZone: 'Europe/Bielefeld', anchor })).toThrow(
    'Invalid time zone "Europe/Bielefeld".',
  );
});

test('the next time of a daily cron is after the given one, at that wall time, and none lies between', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'];
  const minutes = fc.integer({ min: 0, max: 59 });
  const hours = fc.integer({ min: 0, max: 23 });
  const starts = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), minutes, hours, starts, (timeZone, minute, hour, after) => {
      const timing = readScheduleExpression(`cron(${minute} ${hour} * * ? *)`, { timeZone, anchor });
      const next = timing.next(after) ?? Number.NaN;
      const shown = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(next);
      expect(next).toBeGreaterThan(after);
      expect(shown).toBe(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
      expect(timing.next(next - 1)).toBe(next);
      // At most one day has no such time, and that day has 25 hours at most.
      expect(next - after).toBeLessThanOrEqual(49 * 3_600_000);
    }),
    { numRuns: 300 },
  );
});
