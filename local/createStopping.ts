import type { Stoppable } from './ports.ts';

export interface Stopping extends Stoppable {
  /** Remembers a part; the last one remembered is stopped first. */
  add<T extends Stoppable>(part: T): T;
  /** The same for a part that is starting: it is stopped even if nobody waits for it any more. */
  starting<T extends Stoppable>(part: Promise<T>): Promise<T>;
}

/** Stops parts in the reverse order of their start, each once, whatever the others do. */
export function createStopping(): Stopping {
  const parts: Stoppable[] = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    const faults: unknown[] = [];
    for (let part = parts.pop(); part; part = parts.pop()) {
      await part.stop().catch((error: unknown) => faults.push(error));
    }
    if (faults.length > 0) throw new AggregateError(faults, 'Not every part stopped in order.');
  };
  return {
    add: (part) => {
      parts.push(part);
      return part;
    },
    starting: (part) => {
      parts.push({ stop: () => part.then((started) => started.stop(), ignore) });
      return part;
    },
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
  };
}

/** Why a part did not start is told to who waits for it. */
function ignore(): void {}
