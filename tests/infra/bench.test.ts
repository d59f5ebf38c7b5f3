import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Baseline, compare, renewed } from '../../bench/baseline.ts';
import { groupsNamed } from '../../bench/groups.ts';
import { percentile } from '../../bench/percentile.ts';
import { verdict } from '../../bench/row.ts';
import { summary, table } from '../../bench/table.ts';

const baseline: Baseline = {
  machine: { cores: 2, node: '24.21.0' },
  values: { 'take in (write units)': 1, 'take in: late (write units)': 4, 'rate (requests/s)': 120 },
};

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
});

describe('the table', () => {
  const rows = [
    { name: 'take in', value: 1, unit: 'write units', promise: 1 },
    { name: 'take in: late', value: 5, unit: 'write units', promise: 4 },
    { name: 'rate', value: 96, unit: 'requests/s' },
    { name: 'new', value: 3, unit: 'calls' },
  ];
  const compared = rows.map((row) => compare(row, baseline));

  it('shows each promise, its verdict, and how a row stands to the baseline', () => {
    expect(table(compared).split('\n')).toEqual([
      '                                promised          × baseline',
      'take in         1  write units  1         holds   × 1.00',
      'take in: late   5  write units  4         MISSED  × 1.25 WORSE',
      'rate           96  requests/s                     ≈ 0.80',
      'new             3  calls',
    ]);
  });

  it('says of a zero that it stayed one, or that it was one', () => {
    const zero = { ...baseline, values: { 'refused (requests)': 0 } };
    const [, kept, worse] = table(
      [0, 3].map((value) => compare({ name: 'refused', value, unit: 'requests' }, zero)),
    ).split('\n');
    expect(kept).toMatch(/× 1\.00$/);
    expect(worse).toMatch(/× was 0 WORSE$/);
  });

  it('ends with what was missed and what became worse', () => {
    expect(summary(compared).split('\n')).toEqual([
      '1 of 2 promises hold.',
      'MISSED take in: late: 5 write units, promised 4',
      'WORSE than the baseline: take in: late, now 5 write units',
    ]);
    expect(summary(compared.slice(2))).toBe('Nothing here is promised.');
  });
});

describe('a comparison with the baseline', () => {
  const standing = (value: number, unit: string, before: number) => {
    const values = { [`row (${unit})`]: before };
    return compare({ name: 'row', value, unit }, { ...baseline, values });
  };

  it('is strict for what is counted', () => {
    for (const unit of ['write units', 'read units', 'calls', 'round trips', 'requests']) {
      expect(standing(2, unit, 2), unit).toMatchObject({ comparison: 'kept', timesBaseline: 1 });
      expect(standing(2.5, unit, 2), unit).toMatchObject({ comparison: 'worse', timesBaseline: 1.25 });
      expect(standing(1, unit, 2), unit).toMatchObject({ comparison: 'kept', timesBaseline: 0.5 });
    }
    expect(standing(0, 'read units', 0)).toEqual({ name: 'row', value: 0, unit: 'read units', comparison: 'kept' });
    expect(standing(1, 'read units', 0)).toEqual({ name: 'row', value: 1, unit: 'read units', comparison: 'worse' });
  });

  it('lets ratios within one run and sizes of bundles grow by a tenth', () => {
    expect(standing(1.1, 'times its time', 1)).toMatchObject({ comparison: 'kept' });
    expect(standing(110, 'KB', 100)).toMatchObject({ comparison: 'kept' });
    expect(standing(111, 'KB', 100)).toMatchObject({ comparison: 'worse' });
    expect(standing(1.11, 'times its processor time', 1)).toMatchObject({ comparison: 'worse' });
  });

  it('passes no verdict on times, rates and memory', () => {
    for (const unit of ['ms', 'requests/s', 'customers/s', 'MB']) {
      expect(standing(900, unit, 3), unit).toMatchObject({ comparison: 'indicative', timesBaseline: 300 });
    }
  });

  it('is renewed as a whole by all groups, and row by row by some', () => {
    const rows = [{ name: 'take in', value: 2, unit: 'write units' }];
    const machine = { cores: 8, node: '24.0.0' };
    expect(renewed(baseline, rows, { machine, isWhole: false })).toEqual({
      machine,
      values: { 'take in (write units)': 2, 'take in: late (write units)': 4, 'rate (requests/s)': 120 },
    });
    expect(renewed(baseline, rows, { machine, isWhole: true })).toEqual({
      machine,
      values: { 'take in (write units)': 2 },
    });
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

describe('the command', () => {
  it('prints nothing but JSON to standard output where a program asks', async () => {
    const { code, stdout } = await bench(['--json', '--only', 'identity']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: 'find: one of 32', value: 2, unit: 'read units', promise: 2, holds: true }),
    );
  });

  it('fails where a group crashed, and only then', async () => {
    const { code, stdout, stderr } = await bench(['--json', '--only', 'identity'], {
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([]);
    expect(stderr).toContain('identity crashed');
  });

  it('names the groups where none is meant', async () => {
    const { code, stdout, stderr } = await bench(['--only', 'nothing like it']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('identity');
  });
});

/** Runs the command as `npm run bench` does. */
function bench(parameters: string[], environment: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const main = join(import.meta.dirname, '..', '..', 'bench', 'main.ts');
    const env = { ...process.env, ...environment };
    execFile(process.execPath, [main, ...parameters], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}
