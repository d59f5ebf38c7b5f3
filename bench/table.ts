import type { ComparedRow } from './baseline.ts';

/** Rows as a table for people: each with its promise and verdict, and as a multiple of the baseline. */
export function table(rows: readonly ComparedRow[]): string {
  const header = ['', '', '', 'promised', '', '× baseline'];
  const cells = rows.map((row) => [row.name, String(row.value), row.unit, ...promised(row), beside(row)]);
  const lines = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const aligned = (cell: string, column: number) =>
    column === valueColumn ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(aligned).join('  ').trimEnd()).join('\n');
}

const valueColumn = 1;

/** How the promises stand, in one sentence; each missed one on a line of its own. */
export function summary(rows: readonly ComparedRow[]): string {
  const bound = rows.filter(({ holds }) => holds !== undefined);
  const missed = bound.filter(({ holds }) => !holds);
  const worse = rows.filter(({ comparison }) => comparison === 'worse');
  return [
    bound.length === 0
      ? 'Nothing here is promised.'
      : `${bound.length - missed.length} of ${bound.length} promises hold.`,
    ...missed.map(({ name, value, unit, promise }) => `MISSED ${name}: ${value} ${unit}, promised ${promise}`),
    ...worse.map(({ name, value, unit }) => `WORSE than the baseline: ${name}, now ${value} ${unit}`),
  ].join('\n');
}

function promised({ promise, holds }: ComparedRow): [string, string] {
  return promise === undefined ? ['', ''] : [String(promise), holds ? 'holds' : 'MISSED'];
}

/** `×` where the comparison is strict, `≈` where it is indicative. */
function beside({ comparison, timesBaseline }: ComparedRow): string {
  if (comparison === undefined) return '';
  const isSame = timesBaseline === undefined && comparison === 'kept';
  const times = isSame ? '1.00' : (timesBaseline?.toFixed(2) ?? 'was 0');
  if (comparison === 'indicative') return `≈ ${times}`;
  return comparison === 'worse' ? `× ${times} WORSE` : `× ${times}`;
}
