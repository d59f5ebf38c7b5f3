import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestPlatform, waitFor } from '../support/platform.ts';

const templateDir = join(import.meta.dirname, 'fixtures', 'practice');
const platform = await startTestPlatform({ templateDir });

interface Seen {
  invocations: number;
  loadedAtMs: number;
  nowMs: number;
  remainingMs: number;
  functionName: string;
  environment: Record<string, string>;
}

async function get(path: string): Promise<Seen> {
  const response = await fetch(platform.url + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as Seen;
}

test('a function sees its own environment and nothing of this process', async () => {
  process.env.SECRET_OF_THE_DEVELOPER = 'hidden';
  const { environment, functionName } = await get('/environment');
  expect(functionName).toBe('Practice-echo');
  expect(environment).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'Practice-echo',
    AWS_REGION: 'eu-central-1',
    TABLE_NAME: 'Practice-Table',
  });
  expect(environment).not.toHaveProperty('SECRET_OF_THE_DEVELOPER');
  expect(environment).not.toHaveProperty('PATH');
});

test('an environment is used again, for one invocation at a time', async () => {
  const first = await get('/single/again');
  const second = await get('/single/again');
  expect(second.loadedAtMs).toBe(first.loadedAtMs);
  expect(second.invocations).toBe(first.invocations + 1);
});

test('what Lambda would ask money for is counted', async () => {
  const counted = () => platform.invocations().find((account) => account.function === 'single');
  await get('/single/first');
  const before = counted();
  await get('/single/second');
  const after = counted();
  expect((after?.count ?? 0) - (before?.count ?? 0)).toBe(1);
  expect(after?.milliseconds).toBeGreaterThan(before?.milliseconds ?? 0);
});

test('beyond its reserved concurrency a function makes requests wait', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => get('/single/wait')));
  const counts = answers.map((answer) => answer.invocations).sort();
  expect(counts).toEqual([counts[0], (counts[0] ?? 0) + 1, (counts[0] ?? 0) + 2]);
});

test('concurrent invocations get environments of their own', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => get('/meet?visitors=3')));
  expect(new Set(answers.map((answer) => answer.loadedAtMs)).size).toBe(3);
});

test('a function that takes longer than its time-out is stopped and replaced', async () => {
  const before = await get('/single/before');
  expect(before.remainingMs).toBeLessThanOrEqual(1000);
  const late = await fetch(`${platform.url}/never`);
  expect(late.status).toBe(500);
  const after = await get('/single/after');
  expect(after.invocations).toBe(1);
  expect(after.loadedAtMs).toBeGreaterThan(before.loadedAtMs);
});

test('a function that ends its process or fills its memory fails alone', async () => {
  expect((await fetch(`${platform.url}/exit`)).status).toBe(500);
  expect((await fetch(`${platform.url}/hoard`)).status).toBe(500);
  await waitFor(async () => (await fetch(`${platform.url}/plain`)).ok);
});

test('functions follow the clock without being loaded again, and gateway times follow it too', async () => {
  const before = await get('/time');
  const response = await fetch(`${platform.url}/_local/clock`, { method: 'POST', body: '{"advance":"P3D"}' });
  expect(response.status).toBe(200);
  const after = await get('/time');
  expect(Math.round((after.nowMs - before.nowMs) / 86_400_000)).toBe(3);
});

test.each([
  ['{"advance":"three days"}', 'must be an ISO 8601 duration such as P3D or PT90M'],
  ['{"advance":3}', 'must be text'],
  ['{}', 'must be text'],
  ['advance', 'the body must be JSON such as {"advance":"P3D"}'],
])('the clock refuses %s and says why', async (body, message) => {
  const response = await fetch(`${platform.url}/_local/clock`, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 400, issues: [{ path: 'advance', message }] });
});

test('metrics name each function that consumed, the one behind the stream included', async () => {
  await fetch(`${platform.url}/notes/metrics`, { method: 'POST', body: 'x' });
  await fetch(`${platform.url}/notes/metrics`, { method: 'POST', body: 'x' });
  await platform.drain();
  const metrics = await (await fetch(`${platform.url}/_local/metrics`)).json();
  expect(metrics).toEqual({
    operations: [
      { function: 'follow', operation: 'PutItem', calls: 1, readUnits: 0, writeUnits: 1 },
      { function: 'notes', operation: 'PutItem', calls: 2, readUnits: 0, writeUnits: 2 },
    ],
  });
});
