import { parentPort, workerData } from 'node:worker_threads';
import { onStage } from './onStage.ts';
import { runSeed } from './runSeed.ts';

/** What one worker plays: every `stride`-th seed. */
export interface SeedWork {
  from: number;
  to: number;
  stride: number;
  isOnEngine: boolean;
}

/** What it tells of each. */
export interface SeedResult {
  seed: number;
  violations: string[];
  steps: number;
  faults: number;
}

// Refusals are told by exceptions, thousands a second, and nobody reads where they come from.
Error.stackTraceLimit = 0;
const { from, isOnEngine, stride, to } = workerData as SeedWork;
await onStage(isOnEngine, async (stage) => {
  for (let seed = from; seed < to; seed += stride) {
    const { history, run, violations } = await runSeed({ seed }, stage);
    const result: SeedResult = { seed, violations, steps: history.steps.length, faults: run.faults.length };
    parentPort?.postMessage(result);
  }
});
