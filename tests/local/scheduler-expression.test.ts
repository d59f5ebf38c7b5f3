import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readScheduleExpression } from '../../local/scheduler/scheduleExpression.ts';

const anchor = Date.parse('2026-01-01T00:00:00Z');

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
