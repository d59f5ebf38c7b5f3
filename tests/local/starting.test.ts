import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../support/platform.ts';
import { engineOf, processesOf } from '../support/processes.ts';

const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');
const practice = join(import.meta.dirname, 'fixtures', 'practice');

interface Started {
  child: ChildProcess;
  /** Standard output and standard error so far. */
  output(): string;
  errors(): string;
  ended: Promise<number | null>;
}

let dataDir: string;
let running: Started[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'throughline-test-'));
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  running = [];
  rmSync(dataDir, { recursive: true, force: true });
});

function start(...flags: string[]): Started {
  const args = [main, '--assembly', practice, '--data-dir', dataDir, '--no-demo', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started = { child, output: () => output, errors: () => errors, ended };
  running.push(started);
  return started;
}

interface Ready {
  ready: true;
  api: string;
}

async function ready(started: Started): Promise<Ready> {
  return waitFor(() => started.output().endsWith('\n') && (JSON.parse(started.output()) as Ready), 25_000);
}

const note = (api: string) => fetch(`${api}/notes/kept`, { method: 'POST', body: 'Minka limps' });

test('--json prints one line, and what was acknowledged survives Ctrl-C and SIGKILL', async () => {
  const first = start('--json', '--port', '0');
  const { api } = await ready(first);
  expect(await (await note(api)).text()).toBe('stored');
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(first.output().trim().split('\n')).toHaveLength(1);
  expect(first.errors()).toBe('');
  expect(processesOf(dataDir)).toEqual([]);

  const second = start('--json', '--port', '0');
  const again = await ready(second);
  expect(await (await note(again.api)).text()).toBe('known');
  await fetch(`${again.api}/notes/unclean`, { method: 'POST', body: 'x' });
  second.child.kill('SIGKILL');
  await second.ended;
  await waitFor(() => processesOf(dataDir).length === 0);

  const third = start('--json', '--port', '0');
  const last = await ready(third);
  expect(await (await fetch(`${last.api}/notes/unclean`, { method: 'POST', body: 'x' })).text()).toBe('known');
});

test('the clock keeps its offset over a restart', async () => {
  const first = start('--json', '--port', '0');
  const { api } = await ready(first);
  await fetch(`${api}/_local/clock`, { method: 'POST', body: '{"advance":"P30D"}' });
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  const second = start('--json', '--port', '0');
  const clock = (await (await fetch(`${(await ready(second)).api}/_local/clock`)).json()) as { now: string };
  expect(Math.round((Date.parse(clock.now) - Date.now()) / 86_400_000)).toBe(30);
});

test('--fresh forgets everything', async () => {
  const first = start('--json', '--port', '0');
  await note((await ready(first)).api);
  first.child.kill('SIGTERM');
  await first.ended;
  const second = start('--json', '--port', '0', '--fresh');
  expect(await (await note((await ready(second)).api)).text()).toBe('stored');
});

test('--fresh deletes nothing in a directory that is not ours', async () => {
  writeFileSync(join(dataDir, 'thesis.txt'), 'important');
  const started = start('--fresh');
  expect(await started.ended).toBe(1);
  expect(started.errors()).toBe(`${dataDir} holds other files: give --data-dir an empty or a new directory.\n`);
  expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
});

test('a taken port is one sentence with the way out, and nothing is left running', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const started = start('--port', String(port));
  expect(await started.ended).toBe(1);
  expect(started.errors()).toBe(
    `Port ${port} is taken: stop what listens there or start with npm start -- --port 0.\n`,
  );
  expect(processesOf(dataDir)).toEqual([]);
  server.close();
});

test('one data directory serves one platform at a time', async () => {
  await ready(start('--json', '--port', '0'));
  const second = start('--json', '--port', '0');
  expect(await second.ended).toBe(1);
  expect(second.errors()).toBe(
    `${dataDir} is in use by another start: stop that one or give --data-dir another directory.\n`,
  );
});

test.each([
  [['--prot', '1'], 'There is no flag --prot: see npm start -- --help.'],
  [['--port', 'web'], '--port takes a number from 0 to 65535, not web.'],
  [['--port'], '--port needs a value: see npm start -- --help.'],
  [['--json=yes'], '--json takes no value: see npm start -- --help.'],
  [['start'], 'start is not a flag: see npm start -- --help.'],
])('%j is one clear sentence', async (flags, sentence) => {
  const started = start(...flags);
  expect(await started.ended).toBe(1);
  expect(started.errors()).toBe(`${sentence}\n`);
  expect(existsSync(join(dataDir, 'engine.db'))).toBe(false);
});

test('--help lists every flag', async () => {
  const started = start('--help');
  expect(await started.ended).toBe(0);
  for (const flag of ['--port', '--data-dir', '--no-demo', '--fresh', '--json', '--verbose', '--help']) {
    expect(started.output()).toContain(flag);
  }
});

test('the data directory is for its owner only, and says where the platform runs', async () => {
  const started = start('--json', '--port', '0', '--data-dir', join(dataDir, 'new'));
  const { api } = await ready(started);
  expect((statSync(join(dataDir, 'new')).mode & 0o777).toString(8)).toBe('700');
  const { url, pid } = JSON.parse(readFileSync(join(dataDir, 'new', 'running.json'), 'utf8')) as {
    url: string;
    pid: number;
  };
  expect([url, pid]).toEqual([api, started.child.pid]);
});

test('if the engine is killed, the platform says so and ends', async () => {
  const started = start('--json', '--port', '0');
  await ready(started);
  process.kill(engineOf(dataDir).pid, 'SIGKILL');
  expect(await started.ended).toBe(1);
  // A request that was under way at that moment may have been complained about before.
  expect(started.errors()).toContain(
    'The embedded DynamoDB engine ended by itself. What was acknowledged is kept: start again.\n',
  );
});
