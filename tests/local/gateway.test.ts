import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { practiceDirectory, startTestPlatform, waitFor } from '../support/platform.ts';

const platform = await startTestPlatform({ templateDir: practiceDirectory });
const { url } = platform;

test('what a function throws and prints stands in its log and not on the terminal', async () => {
  await fetch(`${url}/throw`);
  await fetch(`${url}/log?minka`);
  const log = () => readFileSync(join(platform.dataDir, 'logs', 'echo.log'), 'utf8');
  await waitFor(() => log().includes('TypeError: the vet is out') && log().includes('a line about minka'));
  expect(platform.lines).toEqual([]);
});

test('a foreign host name is refused: a page that rebinds its name reads nothing', async () => {
  const status = (host: string, path: string) =>
    new Promise<number>((resolve, reject) => {
      httpRequest(`${url}${path}`, { headers: { host } }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  expect(await status('evil.example', '/_local/keys')).toBe(403);
  expect(await status('localhost.evil.example:8080', '/plain')).toBe(403);
  expect(await status('127.0.0.1:8080', '/plain')).toBe(200);
  expect(await status('[::1]:8080', '/plain')).toBe(200);
});

test('a page of another site cannot move the clock', async () => {
  const response = await fetch(`${url}/_local/clock`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: '{"advance":"P1D"}',
  });
  expect(response.status).toBe(403);
});

test('ordered answers come before the function runs', async () => {
  platform.faults.answerRequests({ times: 1, status: 500, path: '/notes' });
  platform.faults.answerRequests({ times: 1, status: 429, path: '/notes' });
  const write = () => fetch(`${url}/notes/ordered`, { method: 'POST', body: 'x' });
  const first = await write();
  const second = await write();
  const third = await write();
  expect([first.status, second.status, third.status, await third.text()]).toEqual([500, 429, 201, 'stored']);
  expect(second.headers.get('retry-after')).toBe('1');
});

test('a dropped answer has been written', async () => {
  platform.faults.dropAnswers({ times: 1, path: '/notes' });
  const write = () => fetch(`${url}/notes/dropped`, { method: 'POST', body: 'x' });
  await expect(write()).rejects.toThrow('fetch failed');
  expect(await (await write()).text()).toBe('known');
});
