/** What the gateway does to a request instead of, or after, running the function. */
export type GatewayFault = { kind: 'answer'; status: number } | { kind: 'drop' };

/** What happens to a call to the table. `lost-answer` lets the write happen and then breaks the connection. */
export type TableFault = 'throttle' | 'server-error' | 'lost-answer';

/** Faults for tests. Each order holds for the next `times` calls that match, in the order given. */
export interface Faults {
  /** Answers before the function runs: 500, 503, 429 (with `Retry-After: 1`). `path` is a prefix. */
  answerRequests(order: { times: number; status: number; path?: string }): void;
  /** Runs the function and then breaks the connection, so that the caller does not learn of its success. */
  dropAnswers(order: { times: number; path?: string }): void;
  /** Of the calls that match only this `share` fails, each by chance; all of them without it. */
  failTableCalls(order: {
    times: number;
    kind: TableFault;
    function?: string;
    operation?: string;
    share?: number;
  }): void;
  /** Calls that are still to fail. */
  pending(): number;
  clear(): void;
}

/** The side that consumes the orders. */
export interface FaultSource {
  forRequest(path: string): GatewayFault | undefined;
  forTableCall(functionName: string | undefined, operation: string): TableFault | undefined;
}

interface Order<T> {
  left: number;
  fault: T;
  matches: (...facts: string[]) => boolean;
}

/** `random` answers numbers in [0, 1). */
export function createFaults(random: () => number = Math.random): Faults & FaultSource {
  const requests: Order<GatewayFault>[] = [];
  const tableCalls: Order<TableFault>[] = [];
  const underPath = (prefix: string | undefined) => (path: string) => path.startsWith(prefix ?? '/');
  return {
    answerRequests: ({ times, status, path }) => {
      requests.push({ left: times, fault: { kind: 'answer', status }, matches: underPath(path) });
    },
    dropAnswers: ({ times, path }) => {
      requests.push({ left: times, fault: { kind: 'drop' }, matches: underPath(path) });
    },
    failTableCalls: ({ times, kind, function: functionName, operation, share = 1 }) => {
      const matches = (caller?: string, called?: string) =>
        (functionName ?? caller) === caller && (operation ?? called) === called && random() < share;
      tableCalls.push({ left: times, fault: kind, matches });
    },
    pending: () => [...requests, ...tableCalls].reduce((sum, order) => sum + order.left, 0),
    clear: () => {
      requests.length = 0;
      tableCalls.length = 0;
    },
    forRequest: (path) => take(requests, path),
    forTableCall: (functionName, operation) => take(tableCalls, functionName ?? '', operation),
  };
}

function take<T>(orders: Order<T>[], ...facts: string[]): T | undefined {
  const index = orders.findIndex((order) => order.matches(...facts));
  const order = orders[index];
  if (!order) return undefined;
  order.left -= 1;
  if (order.left <= 0) orders.splice(index, 1);
  return order.fault;
}
