import { createSweepDue } from '../../../functions/sweep-due/handler.ts';
import { createDueItemsStore } from '../../../shared/due/dueItemsStore.ts';
import type { Log } from '../../../shared/platform/log.ts';
import { createTimelineStore } from '../../../shared/timeline/timelineStore.ts';
import { newProcess } from './consumer.ts';
import type { Processes } from './processes.ts';

/** What looks now and then for what is due. */
export interface Sweeper {
  isRunning(): boolean;
  /** Looks once; it goes on by itself. */
  start(): void;
}

export function createSweeper({
  clock,
  done,
  log,
  processes,
  report,
}: {
  clock: () => number;
  /** Told of a sweep that came to its end, and when it had begun. */
  done: (startedMs: number) => void;
  log: Log;
  processes: Processes;
  report: (error: unknown) => void;
}): Sweeper {
  let running = 0;
  let sweeps = 0;

  async function sweep(): Promise<void> {
    const process = newProcess(`sweep-${sweeps++}`);
    const table = processes.tableOf(() => process);
    const startedMs = clock();
    const due = createDueItemsStore(table, clock);
    await createSweepDue({ due, timeline: createTimelineStore(table), clock, log })();
    done(startedMs);
  }

  return {
    isRunning: () => running > 0,
    start() {
      running++;
      void sweep()
        .catch(report)
        .finally(() => running--);
    },
  };
}
