/** One measured figure. `promise` is the bound that the design states, in the same unit; lower is better. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  promise?: number;
}

/** A row with its verdict where there is a promise. */
export function verdict(row: Row): Row & { holds?: boolean } {
  return row.promise === undefined ? row : { ...row, holds: row.value <= row.promise };
}
