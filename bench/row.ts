/** One measured figure. `promise` is the bound that the design states, in the same unit; lower is better. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  promise?: number;
}

/** A row as it is printed for programs: with its verdict where there is a promise. */
export function verdict(row: Row): Row & { holds?: boolean } {
  return row.promise === undefined ? row : { ...row, holds: row.value <= row.promise };
}

/** Rows as a table for people. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(verdict)
    .map(({ name, value, unit, promise, holds }) => {
      const bound = promise === undefined ? '' : `   promised ${promise}   ${holds ? 'holds' : 'MISSED'}`;
      return `${name.padEnd(width)}  ${String(value).padStart(8)} ${unit}${bound}`;
    })
    .join('\n');
}
