import { expect, test } from 'vitest';
import { failed, fakeFunctions, succeeded } from './events-support.ts';
import { batches, engine, newTable, nextTableName, put, start } from './stream-mapping-support.ts';

test('a restart goes on where it was: nothing twice, nothing lost', async () => {
  const tableName = await newTable();
  const before = fakeFunctions();
  await put(tableName, 'Minka', 'a', 'b');
  const first = start(tableName, before);
  await first.settled();
  await first.stop();
  await put(tableName, 'Minka', 'c', 'd');
  const after = fakeFunctions();
  await start(tableName, after).settled();
  expect(batches(before).flat()).toEqual(['a', 'b']);
  expect(batches(after).flat()).toEqual(['c', 'd']);
});

test('what had not succeeded when the mapping stopped comes again', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c');
  const before = fakeFunctions((_, call) => (call === 1 ? succeeded() : failed()));
  const first = start(tableName, before, { BatchSize: 1 });
  await expect.poll(() => before.calls.length).toBeGreaterThan(2);
  await first.stop();
  const after = fakeFunctions();
  await start(tableName, after, { BatchSize: 1 }).settled();
  expect(batches(after)).toEqual([['b'], ['c']]);
});

test('what the mapping consumed may be trimmed: a restart still finds the rest', async () => {
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a', 'b', 'c');
  const first = start(tableName, fakeFunctions());
  await first.settled();
  await first.stop();
  expect(first.consumedUpTo()).toBe('3');
  engine.streams?.trimBefore(tableName, first.consumedUpTo() ?? '0');
  await put(tableName, 'Minka', 'd');
  const after = fakeFunctions();
  await start(tableName, after).settled();
  expect(batches(after)).toEqual([['d']]);
});

test('a mapping that starts before its table waits for it', async () => {
  const functions = fakeFunctions();
  const mapping = start(nextTableName(), functions);
  const tableName = await newTable();
  await put(tableName, 'Minka', 'a');
  await mapping.settled();
  expect(batches(functions)).toEqual([['a']]);
});
