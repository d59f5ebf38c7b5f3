import { expect, test } from 'vitest';
import type { InvocationResult } from '../../local/ports.ts';
import { fakeFunctions, succeeded, throttled } from './events-support.ts';
import { newPath, put, rule, start, toFunction, visit } from './rules-support.ts';

test('throttling is waited out', async () => {
  const functions = fakeFunctions((_, call) => (call <= 5 ? throttled() : succeeded()));
  const { settled } = start([rule('Booked', { source: ['practice.booking'] }, [toFunction])], functions);
  await put(visit);
  await settled();
  expect(functions.calls).toHaveLength(6);
});

test('a rule whose pattern AWS would refuse is reported and the others work', async () => {
  const { functions, lines, settled } = start([
    rule('Broken', { source: 'practice.booking' }, [toFunction]),
    rule('Booked', { source: ['practice.booking'] }, [toFunction]),
  ]);
  await put(visit);
  await settled();
  expect(functions.calls).toHaveLength(1);
  expect(lines).toEqual([
    'Rule Broken is left out: Event pattern is not valid at $.source: a field holds an object or an array of conditions',
  ]);
});

test('a delivery under way when everything ends is made after the next start, a finished one is not', async () => {
  const path = newPath();
  const rules = [rule('Booked', { source: ['practice.booking'] }, [toFunction])];
  const held = Promise.withResolvers<InvocationResult>();
  const before = start(
    rules,
    fakeFunctions((_event, call) => (call === 1 ? succeeded() : held.promise)),
    path,
  );
  await put(visit);
  await before.settled();
  await put({ ...visit, Detail: JSON.stringify({ animal: 'Momo' }) });
  await expect.poll(() => before.functions.calls.length).toBe(2);
  // As after a crash: nobody tells the first platform that it is over.
  const after = start(rules, fakeFunctions(), path);
  await after.settled();
  expect(after.functions.calls.map(({ event }) => (event as { detail: object }).detail)).toEqual([{ animal: 'Momo' }]);
  held.resolve(succeeded());
});
