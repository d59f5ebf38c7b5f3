import { describe, expect, it } from 'vitest';
import { groupsNamed } from '../../bench/groups.ts';
import { percentile } from '../../bench/percentile.ts';
import { table, verdict } from '../../bench/row.ts';

describe('a percentile', () => {
  it('is the measured value that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([9, 1, 10], 50)).toBe(9);
    expect(percentile([9, 1, 10], 99)).toBe(10);
    expect(percentile([7], 50)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('a row', () => {
  it('holds its promise up to the bound itself, and without one says nothing', () => {
    expect(verdict({ name: 'a', value: 1, unit: 'calls', promise: 1 })).toMatchObject({ holds: true });
    expect(verdict({ name: 'a', value: 1.5, unit: 'calls', promise: 1 })).toMatchObject({ holds: false });
    expect(verdict({ name: 'a', value: 0, unit: 'calls', promise: 0 })).toMatchObject({ holds: true });
    expect(verdict({ name: 'a', value: 1, unit: 'calls' })).toEqual({ name: 'a', value: 1, unit: 'calls' });
  });

  it('shows people its promise and whether it was missed', () => {
    const lines = table([
      { name: 'take in', value: 1, unit: 'write units', promise: 1 },
      { name: 'take in: late', value: 5, unit: 'write units', promise: 4 },
      { name: 'rate', value: 96, unit: 'requests/s' },
    ]).split('\n');
    expect(lines).toEqual([
      'take in               1 write units   promised 1   holds',
      'take in: late         5 write units   promised 4   MISSED',
      'rate                 96 requests/s',
    ]);
  });
});

describe('the groups', () => {
  it('are chosen by a part of their names', () => {
    expect(groupsNamed('request').map(({ name }) => name)).toEqual(['requests']);
    expect(groupsNamed('').length).toBeGreaterThan(5);
    expect(groupsNamed('nothing like it')).toEqual([]);
  });

  it('measure rows that keep their promises, the cheapest ones here', async () => {
    const rows = (await Promise.all(groupsNamed('identity').map(({ measure }) => measure()))).flat().map(verdict);
    const promised = rows.filter(({ promise }) => promise !== undefined);
    expect(promised.map(({ name }) => name)).toContain('find: one of 32');
    expect(promised.filter(({ holds }) => !holds)).toEqual([]);
  });
});
