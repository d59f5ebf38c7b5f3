import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { onStage } from './onStage.ts';
import { difficulties, runSeed, type Variant } from './runSeed.ts';
import type { SeedResult, SeedWork } from './seedWorker.ts';
import { describeFailure, shrink } from './shrink.ts';
import type { Stage } from './stage.ts';

/*
 * `npm run sim -- --seeds N [--from S] [--jobs J] [--keep-going]`: plays many seeds and shrinks the first that fails.
 * `npm run sim -- --seed S [--steps …] [--faults …] [--without …]`: plays one again. `--engine` plays on the embedded
 * engine instead of the one in memory. See docs/simulation.md.
 */
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    'keep-going': { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
    engine: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    seed: { type: 'string' },
    steps: { type: 'string' },
    faults: { type: 'string' },
    without: { type: 'string' },
  },
});

const isOnEngine = flags.engine;
process.exitCode = flags.seed === undefined ? await playMany() : await playOne(Number(flags.seed));

async function playOne(seed: number): Promise<number> {
  const variant: Variant = {
    seed,
    ...(flags.steps ? { steps: new Set(listed(flags.steps).map(Number)) } : {}),
    ...(flags.faults ? { faults: new Set(listed(flags.faults)) } : {}),
    ...(flags.without
      ? { without: new Set(difficulties.filter((one) => listed(flags.without ?? '').includes(one))) }
      : {}),
  };
  return onStage(isOnEngine, (stage) => playOn(stage, variant));
}

async function playOn(stage: Stage, variant: Variant): Promise<number> {
  const { seed } = variant;
  const played = await runSeed(variant, stage);
  if (played.violations.length === 0) {
    say(`seed ${seed}: ${played.history.steps.length} steps, ${played.run.faults.length} faults, nothing broken`);
    return 0;
  }
  const isWhole = flags.steps === undefined && flags.faults === undefined && flags.without === undefined;
  say(describeFailure(isWhole && !flags['no-shrink'] ? await shrink(seed, stage) : { ...played, variant, runs: 0 }));
  return 1;
}

async function playMany(): Promise<number> {
  const [from, count, jobs] = [Number(flags.from), Number(flags.seeds), Number(flags.jobs)];
  const startedMs = performance.now();
  const failures: SeedResult[] = [];
  let [played, steps, faults] = [0, 0, 0];
  const rate = () => `${((played / (performance.now() - startedMs)) * 1000).toFixed(1)} per second`;
  const workers = Array.from({ length: jobs }, (_, job) => {
    const workerData: SeedWork = { from: from + job, to: from + count, stride: jobs, isOnEngine };
    return new Worker(new URL('seedWorker.ts', import.meta.url), { workerData });
  });
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (result: SeedResult) => {
            played++;
            steps += result.steps;
            faults += result.faults;
            if (result.violations.length > 0) {
              failures.push(result);
              say(`seed ${result.seed} fails: ${result.violations[0]?.slice(0, 300)}`);
              if (!flags['keep-going']) void stop();
            }
            if (!flags.quiet && played % 250 === 0) say(`${played} seeds, ${rate()}, ${failures.length} failed`);
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        }),
    ),
  );
  say(`${played} seeds from ${from}: ${steps} steps, ${faults} faults, ${rate()}, ${failures.length} failed`);
  const [first] = failures;
  if (first && !flags['no-shrink']) {
    say(describeFailure(await onStage(isOnEngine, (stage) => shrink(first.seed, stage))));
  }
  return failures.length > 0 ? 1 : 0;
}

function listed(text: string): string[] {
  return text === 'none' ? [] : text.split(',');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
