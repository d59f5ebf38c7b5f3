/**
 * Cooperative scheduling: whoever makes a request waits for a turn, and one at a time is given. Between two turns
 * everything runs that can, so a run is a function of the order of turns.
 */
export interface Scheduler {
  /** Resolves with the effect once the turn came and the effect was made. */
  turn<T>(effect: () => Promise<T>): Promise<T>;
  /** How many wait. */
  waiting(): number;
  /** Gives the turn to one of those who wait, by its place, and lets everything run that this sets free. */
  give(place: number): Promise<void>;
}

export function createScheduler(): Scheduler {
  const waiting: (() => Promise<void>)[] = [];
  return {
    turn: (effect) =>
      new Promise((resolve, reject) => {
        waiting.push(() => effect().then(resolve, reject));
      }),
    waiting: () => waiting.length,
    async give(place) {
      const [next] = waiting.splice(place, 1);
      await next?.();
      await settled();
    },
  };
}

/** When nothing is left to run but what waits for a turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
