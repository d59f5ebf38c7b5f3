import { expect, test } from 'vitest';
import { createClock } from '../../local/clock/createClock.ts';
import type { InvocationResult } from '../../local/ports.ts';
import { failed, fakeFunctions, succeeded } from './events-support.ts';
import { bodies, bodiesIn, newQueue, nextQueueName, records, send, start } from './queue-mapping-support.ts';

test('the queue counts as settled while a failed message waits for its visibility time-out', async () => {
  const queue = await newQueue({ VisibilityTimeout: '3600' });
  for (const body of ['a', 'b']) await send(queue.url, body);
  const functions = fakeFunctions((_, call) => (call === 1 ? failed() : succeeded()));
  await start(queue, functions, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } }).settled();
  expect(bodies(functions)).toEqual([['a'], ['b']]);
});

test('a mapping that starts before its queue waits for it', async () => {
  const functions = fakeFunctions();
  const mapping = start({ name: nextQueueName() }, functions);
  const queue = await newQueue();
  await send(queue.url, 'a');
  await mapping.settled();
  expect(bodies(functions)).toEqual([['a']]);
});

test('a failed message comes again when the clock has moved beyond its visibility time-out, not before', async () => {
  const queue = await newQueue({ VisibilityTimeout: '180' });
  await send(queue.url, 'not yet');
  const functions = fakeFunctions((_event, call) => (call === 1 ? failed() : succeeded()));
  const clock = createClock();
  const mapping = start(queue, functions, {}, clock);
  await mapping.settled();
  clock.advance(60_000);
  await mapping.settled();
  expect(functions.calls).toHaveLength(1);
  clock.advance(121_000);
  await mapping.settled();
  expect(records(functions).map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual(['1', '2']);
});

test('what is being handled while the clock jumps is not handed out a second time', async () => {
  const queue = await newQueue({ VisibilityTimeout: '180' });
  await send(queue.url, 'vaccination due');
  const answer = Promise.withResolvers<InvocationResult>();
  const functions = fakeFunctions(() => answer.promise);
  const clock = createClock();
  const mapping = start(queue, functions, {}, clock);
  await expect.poll(() => functions.calls.length).toBe(1);
  clock.advance(86_400_000);
  expect(await bodiesIn(queue.url)).toEqual([]);
  answer.resolve(succeeded());
  await mapping.settled();
  expect(functions.calls).toHaveLength(1);
});
