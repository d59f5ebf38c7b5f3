/** How long something runs: loops look at `ended`, waits and requests end early by it. */
export interface Lifetime {
  readonly ended: boolean;
  readonly signal: AbortSignal;
  /** Resolves after `milliseconds` of real time, or at once when the lifetime ends. Never rejects. */
  wait(milliseconds: number): Promise<void>;
  end(): void;
}

export function startLifetime(): Lifetime {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    get ended() {
      return signal.aborted;
    },
    signal,
    wait: (milliseconds) => waitOn(signal, milliseconds),
    end: () => controller.abort(),
  };
}

function waitOn(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish);
  });
}

/** Wakes a loop that waits. A call while nobody waits is kept, so that none is lost. */
export interface Bell {
  ring(): void;
  /** Resolves true when rung, false after `milliseconds` or at the end of the lifetime. */
  wait(milliseconds: number): Promise<boolean>;
}

export function createBell(lifetime: Lifetime): Bell {
  let rung = false;
  let answer: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      answer?.();
    },
    wait: async (milliseconds) => {
      if (!rung && !lifetime.ended) {
        await new Promise<void>((resolve) => {
          const finish = () => {
            clearTimeout(timer);
            lifetime.signal.removeEventListener('abort', finish);
            answer = undefined;
            resolve();
          };
          // Waits without an end are kept alive by the lifetime alone; timers overflow after 24.8 days.
          const timer = Number.isFinite(milliseconds) ? setTimeout(finish, milliseconds) : undefined;
          lifetime.signal.addEventListener('abort', finish);
          answer = finish;
        });
      }
      const heard = rung;
      rung = false;
      return heard;
    },
  };
}

/** Resolves when `work` does, or after `milliseconds` if it takes longer. Never rejects. */
export async function settleWithin(work: Promise<unknown>, milliseconds: number): Promise<void> {
  await isDoneWithin(work, milliseconds).catch(nothing);
}

/** Whether `work` resolves within `milliseconds`. Rejects if it does. */
export async function isDoneWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function nothing(): void {}

/** Exponential back-off: `first`, twice that, … at most `most`; all in milliseconds. */
export interface Backoff {
  firstMs: number;
  mostMs: number;
}

/** The wait before try number `failures + 1`; `failures` counts from 1. */
export function backoffMs(backoff: Backoff, failures: number): number {
  return Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(failures - 1, 30));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
