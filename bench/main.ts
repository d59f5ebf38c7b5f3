import { parseArgs } from 'node:util';
import { type Group, groups, groupsNamed } from './groups.ts';
import { type Row, table, verdict } from './row.ts';

/*
 * `npm run bench [-- --json] [-- --only text]`: what docs/bench.md explains row by row. Standard output carries the
 * rows, standard error what is under way. A missed promise is a result; only a group that crashed sets the exit code.
 */

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string', default: '' } } });
const chosen = groupsNamed(flags.only);
const say = (line: string) => process.stderr.write(`${line}\n`);
if (chosen.length > 0) print(await measure(chosen));
else {
  say(`No group is named like "${flags.only}"; there are ${groups.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 1;
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

function print(rows: readonly Row[]): void {
  process.stdout.write(`${flags.json ? JSON.stringify(rows.map(verdict)) : table(rows)}\n`);
}
