/** What one function did with one operation since the start. */
export interface OperationCount {
  /** The function's name without the stack's, such as `collect-events`. */
  function: string;
  /** DynamoDB's operation, such as `PutItem`. */
  operation: string;
  calls: number;
  readUnits: number;
  writeUnits: number;
}

export interface Meter {
  add(functionName: string, operation: string, units: { readUnits: number; writeUnits: number }): void;
  /** A copy, ordered by function and operation. */
  operations(): OperationCount[];
}

export function createMeter(): Meter {
  const counts = new Map<string, OperationCount>();
  return {
    add: (functionName, operation, units) => {
      const key = `${functionName} ${operation}`;
      const count = counts.get(key) ?? { function: functionName, operation, calls: 0, readUnits: 0, writeUnits: 0 };
      count.calls += 1;
      count.readUnits += units.readUnits;
      count.writeUnits += units.writeUnits;
      counts.set(key, count);
    },
    operations: () => [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => ({ ...count })),
  };
}
