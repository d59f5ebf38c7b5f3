/** What a worker thread is told when it starts. */
export interface WorkerSetup {
  /** The bundle and the name of the function that it exports. */
  file: string;
  exportName: string;
  /** Keeps compiled code for the next environment, also of another process. */
  compiledDirectory: string;
  /** The offset of the test clock in shared memory. */
  clock: SharedArrayBuffer;
  /** The part of Lambda's context that stays the same. */
  context: {
    functionName: string;
    functionVersion: string;
    invokedFunctionArn: string;
    memoryLimitInMB: string;
    logGroupName: string;
    logStreamName: string;
  };
}

/** One invocation; the event is JSON, as on its way to Lambda. */
export interface Invocation {
  event: string;
  requestId: string;
  deadlineInMs: number;
}

export type FromWorker =
  | { kind: 'ready' }
  /** The bundle could not be loaded. */
  | { kind: 'unusable'; errorType: string; errorMessage: string }
  /** The payload is JSON. */
  | { kind: 'done'; payload: string }
  | { kind: 'failed'; errorType: string; errorMessage: string };

/** Lambda passes no larger event to a function and no larger answer on, both as JSON. */
export const payloadLimitBytes = 6 * 1024 * 1024;
