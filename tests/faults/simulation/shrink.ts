import { difficulties, type Played, runSeed, type Variant } from './runSeed.ts';
import type { Stage } from './stage.ts';

/** Runs that a search for a shorter history may take. */
const mostRuns = 500;

export interface Shrunk extends Played {
  variant: Variant;
  runs: number;
}

/**
 * Leaves out of a failing seed what its failure does not need: difficulties of the stream, steps, faults, greedily and
 * in ever smaller pieces. What remains fails in the same way.
 */
export async function shrink(seed: number, stage: Stage): Promise<Shrunk> {
  let best: Shrunk = { variant: { seed }, runs: 1, ...(await runSeed({ seed }, stage)) };
  const failure = kindOf(best);
  const isBetter = async (variant: Variant): Promise<boolean> => {
    if (failure === undefined || best.runs >= mostRuns) return false;
    const played = await runSeed(variant, stage);
    best.runs++;
    if (kindOf(played) !== failure) return false;
    best = { ...best, ...played, variant };
    return true;
  };

  await isBetter({ ...best.variant, faults: new Set() });
  for (const difficulty of difficulties) {
    await isBetter({ ...best.variant, without: new Set([...(best.variant.without ?? []), difficulty]) });
  }
  const stepsLeft = () => best.history.steps.map(({ number }) => number);
  const faultsLeft = () => [...new Set(best.run.faults.map(({ name }) => name))];
  for (let size = -1; size !== weightOf(best); ) {
    size = weightOf(best);
    await leaveOut(stepsLeft, (steps) => isBetter({ ...best.variant, steps: new Set(steps) }));
    await leaveOut(faultsLeft, (faults) => isBetter({ ...best.variant, faults: new Set(faults) }));
  }
  return best;
}

/** Tries to do without halves of a list, then without quarters, and so on down to single ones. */
async function leaveOut<T>(left: () => T[], isEnough: (kept: T[]) => Promise<boolean>): Promise<void> {
  for (let piece = Math.ceil(left().length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let start = 0; start < left().length; ) {
      const list = left();
      const kept = [...list.slice(0, start), ...list.slice(start + piece)];
      if (!(await isEnough(kept))) start += piece;
    }
  }
}

function weightOf({ history, run }: Played): number {
  return history.steps.length + run.faults.length;
}

/** What a failure is about: `identity`, `conversation`, the name of an error. */
function kindOf({ violations: [first] }: Played): string | undefined {
  return first?.split(/[: ]/, 1)[0];
}

/** A shrunk history as text, with the command that plays it again. */
export function describeFailure({ history, run, runs, variant, violations }: Shrunk): string {
  const { faults, seed, steps, without } = variant;
  const list = (name: string, values: Iterable<unknown> | undefined) =>
    values === undefined ? '' : ` --${name} ${[...values].join(',') || 'none'}`;
  const { faultProbability, ...weather } = history.weather;
  return [
    `seed ${seed} fails (shrunk in ${runs} runs to ${history.steps.length} steps and ${run.faults.length} faults)`,
    ...violations.slice(0, 8).map((violation) => `  ${violation.slice(0, 1200)}`),
    `  stream: ${JSON.stringify(weather)}`,
    ...history.steps.map(({ afterMs, deed, number, repeats, skewMs }) => {
      const more = `${skewMs === 0 ? '' : ` by a clock at ${skewMs} ms`}${repeats === 0 ? '' : `, sent ${repeats + 1} times`}`;
      return `  step ${number}, ${afterMs} ms later${more}: ${JSON.stringify(deed)}`;
    }),
    ...run.faults.map(({ kind, name }) => `  fault ${kind} at ${name}`),
    `  again: npm run sim -- --seed ${seed}`,
    `  shrunk: npm run sim -- --seed ${seed}${list('steps', steps)}${list('faults', faults)}${list('without', without)}`,
  ].join('\n');
}
