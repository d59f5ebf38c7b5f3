import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngineStage } from './simulation/engineDynamo.ts';
import { type Attributes, plain } from './simulation/expressions.ts';
import { runSeed } from './simulation/runSeed.ts';

/*
 * The same histories on the embedded engine, through the SDK's client and with its stream: what the thousands of seeds
 * that are played in memory say holds for the engine as well.
 */
const seeds = [8, 14, 25, 43, 59, 81, 145, 167, 260, 286];

const stackTraceLimit = Error.stackTraceLimit;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const stage = await startEngineStage();
afterAll(() => stage.stop());

test('the same seeds play the same and end with the same items as in memory', { timeout: 300_000 }, async () => {
  const lives = new Set<string>();
  for (const seed of seeds) {
    const [onEngine, inMemory] = [await runSeed({ seed }, stage), await runSeed({ seed })];
    expect(onEngine.violations, `npm run sim -- --engine --seed ${seed}`).toEqual([]);
    expect(onEngine.run, `run of seed ${seed}`).toEqual(inMemory.run);
    expect(told(onEngine.items), `items of seed ${seed}`).toEqual(told(inMemory.items));
    lives.add(onEngine.history.life);
  }
  expect([...lives].sort()).toEqual(['crowded', 'everyday', 'relations', 'talkative', 'wavering']);
});

/** Items by their keys, with bytes as text: in what kind of array they lie has no meaning. */
function told(items: readonly Attributes[]): Record<string, object> {
  const text = ([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  ];
  return Object.fromEntries(
    items
      .map(plain)
      .map((item) => [`${item.pk} ${item.sk}`, Object.fromEntries(Object.entries(item).map(text))] as const),
  );
}
