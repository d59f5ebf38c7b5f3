import { setTimeout } from 'node:timers/promises';

/** Waits before something is tried again, in milliseconds. An input, so that tests need not wait. */
export type Pause = (pauseMs: number) => Promise<void>;

export const realPause: Pause = (pauseMs) => setTimeout(pauseMs);
