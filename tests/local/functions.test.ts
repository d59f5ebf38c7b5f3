import { expect, test } from 'vitest';
import { practiceDirectory, startTestPlatform } from '../support/platform.ts';

const platform = await startTestPlatform({ templateDir: practiceDirectory });

interface Seen {
  nowMs: number;
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

test('what Lambda would ask money for is counted', async () => {
  const counted = () => platform.invocations().find((account) => account.function === 'single');
  await get('/single/first');
  const before = counted();
  await get('/single/second');
  const after = counted();
  expect((after?.count ?? 0) - (before?.count ?? 0)).toBe(1);
  expect(after?.milliseconds).toBeGreaterThan(before?.milliseconds ?? 0);
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
