import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Baseline, type ComparedRow, compare, renewed } from './baseline.ts';
import { type Group, groups, groupsNamed } from './groups.ts';
import type { Row } from './row.ts';
import { summary, table } from './table.ts';

/*
 * `npm run bench [-- --json --save --only text]`: what docs/bench.md explains row by row. Standard output carries the
 * rows, standard error what is under way. A missed promise is a result; only a group that crashed sets the exit code.
 */

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean' }, save: { type: 'boolean' }, only: { type: 'string', default: '' } },
});
const baselineFile = join(import.meta.dirname, 'baseline.json');
const say = (line: string) => process.stderr.write(`${line}\n`);
const chosen = groupsNamed(flags.only);

if (chosen.length === 0) {
  say(`No group is named like "${flags.only}"; there are ${groups.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 1;
} else {
  const baseline = readBaseline();
  const rows = await measure(chosen);
  print(rows.map((row) => compare(row, baseline)));
  if (flags.save) save(baseline, rows);
}

async function measure(some: readonly Group[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const group of some) {
    say(`measuring ${group.name}`);
    try {
      rows.push(...(await group.measure()));
    } catch (error) {
      // The other groups need nothing of this one.
      say(`${group.name} crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exitCode = 1;
    }
  }
  return rows;
}

function print(rows: readonly ComparedRow[]): void {
  process.stdout.write(`${flags.json ? JSON.stringify(rows) : `${table(rows)}\n\n${summary(rows)}`}\n`);
}

function readBaseline(): Baseline | undefined {
  return existsSync(baselineFile) ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline) : undefined;
}

function save(old: Baseline | undefined, rows: readonly Row[]): void {
  if (process.exitCode) {
    say('The baseline stays as it was: a group crashed.');
    return;
  }
  const machine = { cores: availableParallelism(), node: process.versions.node };
  const baseline = renewed(old, rows, { machine, isWhole: chosen.length === groups.length });
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
}
