import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { LocalLog, TestClock } from '../ports.ts';

export interface PlatformClock extends TestClock {
  /** One 64-bit integer: the offset in milliseconds. Worker threads read their `Date` through it. */
  shared: SharedArrayBuffer;
}

/** Real time plus an offset that lies in memory shared with worker threads and, where a file is given, survives a restart. */
export function createClock(options: { file?: string; log?: LocalLog } = {}): PlatformClock {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);
  const listeners = new Set<() => void>();
  Atomics.store(offset, 0, BigInt(storedOffsetMs(options.file)));
  return {
    shared,
    now: () => Date.now() + Number(Atomics.load(offset, 0)),
    advance: (milliseconds) => {
      if (!Number.isSafeInteger(milliseconds)) throw new RangeError('The clock moves by whole milliseconds.');
      Atomics.add(offset, 0, BigInt(milliseconds));
      if (options.file) storeOffset(options.file, Number(Atomics.load(offset, 0)));
      for (const listener of listeners) callSafely(listener, options.log);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function callSafely(listener: () => void, log: LocalLog | undefined): void {
  try {
    listener();
  } catch (error) {
    log?.(`A part did not follow the clock: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function storedOffsetMs(file: string | undefined): number {
  if (!file || !existsSync(file)) return 0;
  const { offsetMs } = JSON.parse(readFileSync(file, 'utf8')) as { offsetMs?: unknown };
  return Number.isSafeInteger(offsetMs) ? Number(offsetMs) : 0;
}

function storeOffset(file: string, offsetMs: number): void {
  writeFileSync(`${file}.new`, JSON.stringify({ offsetMs }));
  renameSync(`${file}.new`, file);
}
