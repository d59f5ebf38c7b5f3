import { expect } from 'vitest';
import { readScheduleExpression } from '../../../local/scheduler/scheduleExpression.ts';
import { contract } from './contract.ts';

const source = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html' as const;
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

contract('cron in Europe/Berlin over the change to summer time (2026-03-29, 02:00 becomes 03:00)', [
  {
    behaviour: 'a daily time outside the gap keeps its place on the wall',
    source,
    test: async () => {
      expect(times('cron(0 9 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
        '2026-03-28T08:00:00Z',
        '2026-03-29T07:00:00Z',
        '2026-03-30T07:00:00Z',
      ]);
    },
  },
  {
    behaviour: 'a time that does not exist is skipped that day',
    source,
    test: async () => {
      expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
        '2026-03-28T01:30:00Z',
        '2026-03-30T00:30:00Z',
        '2026-03-31T00:30:00Z',
      ]);
    },
  },
  {
    behaviour: 'every half hour has no gap on the real clock',
    source,
    test: async () => {
      expect(times('cron(0/30 * * * ? *)', 'Europe/Berlin', '2026-03-29T00:10:00Z', 4)).toEqual([
        '2026-03-29T00:30:00Z',
        '2026-03-29T01:00:00Z',
        '2026-03-29T01:30:00Z',
        '2026-03-29T02:00:00Z',
      ]);
    },
  },
]);

contract('cron in Europe/Berlin over the change to winter time (2026-10-25, 03:00 becomes 02:00)', [
  {
    behaviour: 'a time that the wall shows twice runs once, the first time',
    source,
    test: async () => {
      expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
        '2026-10-25T00:30:00Z',
        '2026-10-26T01:30:00Z',
      ]);
    },
  },
  {
    behaviour: 'the repeated hour is not repeated',
    source,
    test: async () => {
      expect(times('cron(0/30 * * * ? *)', 'Europe/Berlin', '2026-10-24T23:45:00Z', 4)).toEqual([
        '2026-10-25T00:00:00Z',
        '2026-10-25T00:30:00Z',
        '2026-10-25T02:00:00Z',
        '2026-10-25T02:30:00Z',
      ]);
    },
  },
  {
    behaviour: 'a daily time keeps its place on the wall',
    source,
    test: async () => {
      expect(times('cron(0 9 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
        '2026-10-25T08:00:00Z',
        '2026-10-26T08:00:00Z',
      ]);
    },
  },
]);

const fields: [string, string, string[]][] = [
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

contract('cron fields as AWS reads them', [
  ...fields.map(([expression, after, expected]) => ({
    behaviour: `${expression} after ${after} comes at ${expected.join(' and ')}`,
    source,
    test: async () => expect(times(expression, 'UTC', after, expected.length)).toEqual(expected),
  })),
  {
    behaviour: 'a day that never comes has no next time',
    source,
    test: async () => {
      expect(times('cron(0 0 31 FEB ? *)', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
    },
  },
  {
    behaviour: 'years that are over have no next time',
    source,
    test: async () => {
      expect(times('cron(0 0 1 1 ? 2025)', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
    },
  },
]);

contract('one time', [
  {
    behaviour: 'at names one time on the wall of its zone',
    source,
    test: async () => {
      expect(times('at(2026-07-01T09:00:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', 2)).toEqual([
        '2026-07-01T07:00:00Z',
        undefined,
      ]);
    },
  },
  {
    behaviour: 'a time that the clock skips runs an hour later on the wall',
    source,
    test: async () => {
      expect(times('at(2026-03-29T02:30:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', 1)).toEqual([
        '2026-03-29T01:30:00Z',
      ]);
    },
  },
]);

contract('rates', [
  {
    behaviour: 'a rate counts from its anchor, whatever the time zone',
    source,
    test: async () => {
      expect(times('rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
        '2026-03-29T00:00:00Z',
        '2026-03-30T00:00:00Z',
      ]);
      expect(times('rate(5 minutes)', 'UTC', '2025-12-31T23:57:00Z', 2)).toEqual([
        '2026-01-01T00:00:00Z',
        '2026-01-01T00:05:00Z',
      ]);
    },
  },
]);
