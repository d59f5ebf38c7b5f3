import { expect } from 'vitest';
import { practiceDirectory, startTestPlatform, waitFor } from '../../support/platform.ts';
import { contract } from './contract.ts';

const { url } = await startTestPlatform({ templateDir: practiceDirectory });
const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';

interface Seen {
  invocations: number;
  loadedAtMs: number;
  remainingMs: number;
}

async function get(path: string): Promise<Seen> {
  const response = await fetch(url + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as Seen;
}

contract('functions', [
  {
    behaviour: 'an environment is used again, for one invocation at a time',
    source: `${lambda}/lambda-runtime-environment.html`,
    test: async () => {
      const first = await get('/single/again');
      const second = await get('/single/again');
      expect(second.loadedAtMs).toBe(first.loadedAtMs);
      expect(second.invocations).toBe(first.invocations + 1);
    },
  },
  {
    behaviour: 'invocations at the same time get environments of their own',
    source: `${lambda}/lambda-concurrency.html`,
    test: async () => {
      const answers = await Promise.all([1, 2, 3].map(() => get('/meet?visitors=3')));
      expect(new Set(answers.map((answer) => answer.loadedAtMs)).size).toBe(3);
    },
  },
  {
    behaviour: 'no more invocations run at the same time than the reserved concurrency',
    source: `${lambda}/configuration-concurrency.html`,
    test: async () => {
      const answers = await Promise.all([1, 2, 3].map(() => get('/single/wait')));
      const counts = answers.map((answer) => answer.invocations).sort();
      expect(counts).toEqual([counts[0], (counts[0] ?? 0) + 1, (counts[0] ?? 0) + 2]);
    },
  },
  {
    behaviour: 'a function that takes longer than its time-out is stopped, and its environment replaced',
    source: `${lambda}/configuration-timeout.html`,
    test: async () => {
      const before = await get('/single/before');
      expect(before.remainingMs).toBeLessThanOrEqual(1000);
      const late = await fetch(`${url}/never`);
      expect(late.status).toBe(500);
      const after = await get('/single/after');
      expect(after.invocations).toBe(1);
      expect(after.loadedAtMs).toBeGreaterThan(before.loadedAtMs);
    },
  },
  {
    behaviour: 'a function that ends its process or fills its memory fails alone',
    source: `${lambda}/lambda-runtime-environment.html`,
    test: async () => {
      expect((await fetch(`${url}/exit`)).status).toBe(500);
      expect((await fetch(`${url}/hoard`)).status).toBe(500);
      await waitFor(async () => (await fetch(`${url}/plain`)).ok);
    },
  },
  {
    behaviour: 'an answer over 6 MB is a failure',
    source: `${lambda}/gettingstarted-limits.html`,
    test: async () => {
      expect((await fetch(`${url}/large`)).status).toBe(500);
    },
  },
  {
    behaviour: 'an event over 6 MB does not reach the function: of binary bodies, 4.5 MB are too much already',
    source: `${lambda}/gettingstarted-limits.html`,
    test: async () => {
      const status = async (type: string, megabytes: number) => {
        const body = new Uint8Array(megabytes * 1024 * 1024).fill(120);
        return (await fetch(`${url}/size`, { method: 'POST', headers: { 'content-type': type }, body })).status;
      };
      expect(await status('text/plain', 5.9)).toBe(200);
      expect(await status('text/plain', 6)).toBe(413);
      expect(await status('application/octet-stream', 4.4)).toBe(200);
      expect(await status('application/octet-stream', 4.5)).toBe(413);
    },
  },
]);
