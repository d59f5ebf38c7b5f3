import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseClientTime } from '../../shared/segment/parseClientTime.ts';

describe('parseClientTime', () => {
  test.each([
    ['2026-03-12T08:59:00.123Z', 1773305940123],
    ['2026-03-12T08:59:00Z', 1773305940000],
    ['2026-03-12t08:59:00z', 1773305940000],
    ['2026-03-12T08:59Z', 1773305940000],
    ['2026-03-12 08:59:00 Z', 1773305940000],
    ['2026-03-12T09:59:00+01:00', 1773305940000],
    ['2026-03-12T09:59:00+0100', 1773305940000],
    ['2026-03-12T09:59:00+01', 1773305940000],
    ['2026-03-11T22:29:00-10:30', 1773305940000],
    ['2026-03-12T08:59:00.5Z', 1773305940500],
    ['2026-03-12T08:59:00,123Z', 1773305940123],
    ['2026-03-12T08:59:00.123999999Z', 1773305940123],
    ['2026-03-12', 1773273600000],
    ['2024-02-29T00:00:00Z', 1709164800000],
    ['2016-12-31T23:59:60Z', 1483228800000],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['0050-01-01T00:00:00Z', -60589296000000],
  ])('reads %s', (text, timeMs) => {
    expect(parseClientTime(text)).toBe(timeMs);
  });

  test('takes a time without a zone as UTC, whatever zone the machine is in', () => {
    const zone = process.env.TZ;
    try {
      for (const machine of ['America/St_Johns', 'Asia/Kathmandu', 'UTC']) {
        process.env.TZ = machine;
        expect(parseClientTime('2026-03-29T02:30:00')).toBe(1774751400000);
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test.each([
    '',
    'yesterday',
    '12.03.2026',
    '2026-13-01',
    '2026-02-29',
    '2026-00-10',
    '2026-03-12T24:00:00Z',
    '2026-03-12T08:60:00Z',
    '2026-03-12T08:59:61Z',
    '2026-03-12T08:59:00+24:00',
    '2026-03-12T',
    '1773305940123',
    'Thu, 12 Mar 2026 08:59:00 GMT',
    '2026-03-12T08:59:00Z and more',
  ])('knows no time in "%s"', (text) => {
    expect(parseClientTime(text)).toBeUndefined();
  });

  test('reads back every time that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('5188-01-01'), noInvalidDate: true }), (date) => {
        expect(parseClientTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
