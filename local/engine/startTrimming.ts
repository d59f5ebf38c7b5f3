import type { LocalLog, Stoppable } from '../ports.ts';
import type { StreamStore } from './openStreamStore.ts';

export interface TrimmingOptions {
  streams: StreamStore;
  /** By table the sequence number up to which nobody will read its stream again, also after a crash. */
  positions(): ReadonlyMap<string, string>;
  log: LocalLog;
}

export interface Trimming extends Stoppable {
  /** Deletes now what nobody will read again; returns how many records that were. */
  trim(): number;
}

const intervalMs = 30_000;

/** Deletes consumed stream records now and then: writes slow down as they pile up. */
export function startTrimming({ streams, positions, log }: TrimmingOptions): Trimming {
  const trim = () =>
    [...positions()].reduce((trimmed, [table, position]) => trimmed + streams.trimBefore(table, position), 0);
  const timer = setInterval(() => {
    try {
      trim();
    } catch (error) {
      log(`Old stream records could not be deleted: ${error instanceof Error ? error.message : String(error)}`);
    }
  }, intervalMs).unref();
  return { trim, stop: async () => clearInterval(timer) };
}
