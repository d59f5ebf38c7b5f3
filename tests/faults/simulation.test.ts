import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSeed } from './simulation/runSeed.ts';

/*
 * A few of the seeds that `npm run sim` plays by the thousand: the real use cases and stream consumers on a table whose
 * requests fail, are late and meet each other as the seed has it. See docs/simulation.md.
 */
const seeds = 100;

describe(`${seeds} histories under faults`, () => {
  const stackTraceLimit = Error.stackTraceLimit;
  beforeAll(() => {
    // Refusals are told by exceptions, thousands a second.
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  test('lose nothing, double nothing, and end where a replay ends', { timeout: 900_000 }, async () => {
    const kinds = new Set<string>();
    for (let seed = 100_000; seed < 100_000 + seeds; seed++) {
      const { run, violations } = await runSeed({ seed });
      expect(violations, `npm run sim -- --seed ${seed}`).toEqual([]);
      for (const { kind } of run.faults) kinds.add(kind);
    }
    // What these histories have met, so that the promise is not an empty one.
    expect([...kinds].sort()).toEqual([
      'answer-lost',
      'conflict',
      'crash-after',
      'crash-before',
      'late',
      'lost',
      'partial',
      'throttled',
    ]);
  });
});

test('the same seed plays the same history twice', async () => {
  const [one, other] = [await runSeed({ seed: 4 }), await runSeed({ seed: 4 })];
  expect(other.run).toEqual(one.run);
});
