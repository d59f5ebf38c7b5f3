import { type Row, verdict } from './row.ts';

/** What an earlier run measured, to compare a later one with. */
export interface Baseline {
  machine: { cores: number; node: string };
  /** By name and unit of the row. */
  values: Record<string, number>;
}

/** A row as it is printed: with its verdict, and how it stands to the baseline where that has it. */
export interface ComparedRow extends Row {
  holds?: boolean;
  /** The value as a multiple of the baseline's; absent where that is zero. */
  timesBaseline?: number;
  /** What depends on the machine and its other work is indicative: no verdict on it is passed. */
  comparison?: 'kept' | 'worse' | 'indicative';
}

/** Milliseconds, megabytes and rates: of this machine at that moment. */
const isIndicative = /^(ms|MB)$|\/s$/;
/** A ratio is of one run, yet of moments, and a bundle grows with what it does. Everything else is counted. */
const isTolerant = /^(times|KB$)/;
const tolerance = 1.1;

export function compare(row: Row, baseline: Baseline | undefined): ComparedRow {
  const judged = verdict(row);
  const before = baseline?.values[keyOf(row)];
  if (before === undefined) return judged;
  const times = before === 0 ? {} : { timesBaseline: Number((row.value / before).toFixed(2)) };
  if (isIndicative.test(row.unit)) return { ...judged, ...times, comparison: 'indicative' };
  const most = before * (isTolerant.test(row.unit) ? tolerance : 1);
  return { ...judged, ...times, comparison: row.value > most ? 'worse' : 'kept' };
}

/** The baseline after a run: of all groups it is the run, of some the rows of these are replaced. */
export function renewed(
  old: Baseline | undefined,
  rows: readonly Row[],
  { machine, isWhole }: { machine: Baseline['machine']; isWhole: boolean },
): Baseline {
  const measured = Object.fromEntries(rows.map((row) => [keyOf(row), row.value]));
  return { machine, values: isWhole ? measured : { ...old?.values, ...measured } };
}

function keyOf({ name, unit }: Row): string {
  return `${name} (${unit})`;
}
