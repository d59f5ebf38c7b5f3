import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { addDuration } from '../../local/clock/addDuration.ts';
import { createClock } from '../../local/clock/createClock.ts';

const directory = mkdtempSync(join(tmpdir(), 'throughline-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const from = (iso: string, text: string) => {
  const result = addDuration(Date.parse(iso), text);
  return result === undefined ? undefined : new Date(result).toISOString();
};

test.each([
  ['P3D', '2026-02-03T10:00:00.000Z'],
  ['-P3D', '2026-01-28T10:00:00.000Z'],
  ['PT90M', '2026-01-31T11:30:00.000Z'],
  ['PT0.5S', '2026-01-31T10:00:00.500Z'],
  ['P1W2DT3H', '2026-02-09T13:00:00.000Z'],
  ['P1M', '2026-02-28T10:00:00.000Z'],
  ['-P1M', '2025-12-31T10:00:00.000Z'],
  ['P2Y1M', '2028-02-29T10:00:00.000Z'],
])('from 31 January, %s leads to %s', (text, expected) => {
  expect(from('2026-01-31T10:00:00Z', text)).toBe(expected);
});

test.each(['', 'P', 'PT', 'P1', '3D', 'P1DT', 'P1H', 'PT1D', 'P1.5D', 'p3d', 'P3D ', 'P99999999Y'])(
  '%j is refused as a duration',
  (text) => {
    expect(from('2026-01-31T10:00:00Z', text)).toBeUndefined();
  },
);

test('the clock moves by what it is told, tells its subscribers, and forgets those who left', () => {
  const clock = createClock();
  const seen: string[] = [];
  const leave = clock.subscribe(() => seen.push('first'));
  clock.subscribe(() => seen.push('second'));
  const before = clock.now();
  clock.advance(86_400_000);
  expect(clock.now() - before).toBeGreaterThanOrEqual(86_400_000);
  expect(clock.now() - before).toBeLessThan(86_460_000);
  leave();
  clock.advance(-1000);
  expect(seen).toEqual(['first', 'second', 'second']);
});

test('a subscriber that fails keeps no other from following', () => {
  const lines: string[] = [];
  const clock = createClock({ log: (line) => lines.push(line) });
  clock.subscribe(() => {
    throw new Error('asleep');
  });
  clock.subscribe(() => lines.push('followed'));
  clock.advance(1);
  expect(lines).toEqual(['A part did not follow the clock: asleep', 'followed']);
});

test('the offset survives a restart', () => {
  const file = join(directory, 'clock.json');
  createClock({ file }).advance(3_600_000);
  const offset = createClock({ file }).now() - Date.now();
  expect(Math.round(offset / 1000)).toBe(3600);
});

test('Date in a worker thread follows the clock while it runs, in every way of asking for the time', async () => {
  const clock = createClock();
  const source = new URL('../../local/functions/followClock.ts', import.meta.url).href;
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     import(${JSON.stringify(source)}).then(({ followClock }) => {
       followClock(workerData);
       parentPort.on('message', () => parentPort.postMessage({
         now: Date.now(), made: new Date().getTime(), called: Date.parse(Date()), again: new (new Date()).constructor().getTime(),
         given: new Date(5).getTime(), parts: new Date(2026, 0, 1) instanceof Date, utc: Date.UTC(1970, 0, 2), json: new Date(0).toJSON(),
         later: new (class Later extends Date {})() instanceof Date,
       }));
     });`,
    { eval: true, workerData: clock.shared },
  );
  const ask = () =>
    new Promise<Record<string, number>>((resolve) => {
      worker.once('message', resolve);
      worker.postMessage('');
    });
  await ask();
  clock.advance(10 * 86_400_000);
  const answer = await ask();
  const days = (name: string) => Math.floor(((answer[name] ?? 0) - Date.now()) / 86_400_000 + 0.01);
  expect(['now', 'made', 'called', 'again'].map(days)).toEqual([10, 10, 10, 10]);
  expect(answer).toMatchObject({
    given: 5,
    parts: true,
    utc: 86_400_000,
    json: '1970-01-01T00:00:00.000Z',
    later: true,
  });
  await worker.terminate();
});
