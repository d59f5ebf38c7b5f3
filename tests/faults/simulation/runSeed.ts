import { checkRun } from './checkRun.ts';
import type { Attributes } from './expressions.ts';
import { createHistory, type History, type Weather } from './history.ts';
import { inMemory } from './onStage.ts';
import { type Run, simulate } from './simulate.ts';
import type { Stage } from './stage.ts';

/** A seed, and what is left out of what it would bring. */
export interface Variant {
  seed: number;
  /** Numbers of the only steps that are done. */
  steps?: ReadonlySet<number>;
  /** Names of the only faults that happen. */
  faults?: ReadonlySet<string>;
  /** Ways of the stream to be difficult that are left out. */
  without?: ReadonlySet<Difficulty>;
}

/** `order`: changes come in another order; `repetition`: more than once; `batches`: several in one call; `lag`: late. */
export const difficulties = ['order', 'repetition', 'batches', 'lag'] as const;
export type Difficulty = (typeof difficulties)[number];

export interface Played {
  history: History;
  run: Run;
  /** What is broken; empty where all invariants hold. */
  violations: string[];
  /** The table at the end. */
  items: Attributes[];
}

/** Plays a seed on a table of the stage and checks what comes of it. */
export async function runSeed(variant: Variant, stage: Stage = inMemory): Promise<Played> {
  const history = historyOf(variant);
  const table = await stage.open();
  const plan = { seed: variant.seed, probability: history.weather.faultProbability, only: variant.faults };
  const run = await simulate(history, plan, table);
  const items = await table.items();
  await table.close();
  return { history, run, violations: await checkRun(run, items, table.changes), items };
}

export function historyOf({ seed, steps, without }: Variant): History {
  const history = createHistory(seed);
  return {
    ...history,
    steps: postponed(history.steps, steps),
    weather: [...(without ?? [])].reduce(eased, history.weather),
  };
}

/** The given steps, each at the time at which it would have been done among the others. */
function postponed(all: History['steps'], kept: ReadonlySet<number> | undefined): History['steps'] {
  if (kept === undefined) return all;
  let skippedMs = 0;
  return all.flatMap((step) => {
    if (!kept.has(step.number)) {
      skippedMs += step.afterMs;
      return [];
    }
    const afterMs = step.afterMs + skippedMs;
    skippedMs = 0;
    return [{ ...step, afterMs }];
  });
}

function eased(weather: Weather, difficulty: Difficulty): Weather {
  switch (difficulty) {
    case 'order':
      return { ...weather, isOrderly: true };
    case 'repetition':
      return { ...weather, repetition: 0 };
    case 'batches':
      return { ...weather, mostPerBatch: 1 };
    case 'lag':
      return { ...weather, readiness: 3 };
  }
}
