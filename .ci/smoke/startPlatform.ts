import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { repository } from '../runTool.ts';

const readySchema = z.object({
  ready: z.literal(true),
  api: z.url(),
  inboundDomain: z.string(),
  keys: z.object({
    browserWriteKey: z.string(),
    serverWriteKey: z.string(),
    identitySecret: z.string(),
    agentApiKey: z.string(),
    lookupKey: z.string(),
    twilioAuthToken: z.string(),
  }),
});

export type Ready = z.infer<typeof readySchema>;

export interface Platform extends Ready {
  /** Ends it like Ctrl-C, or like a power cut; returns when no process of it is left. */
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
}

const readyWithinMs = 60_000;
const stopsWithinMs = 15_000;

/** `npm start` on a free port, in a process group of its own, until its line says that it is ready. */
export async function startPlatform(dataDir: string): Promise<Platform> {
  const args = ['start', '--silent', '--', '--json', '--no-demo', '--port', '0', '--data-dir', dataDir];
  const child = spawn('npm', args, { cwd: repository, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  // Also when the smoke test itself is ended early.
  process.once('exit', () => child.pid !== undefined && child.exitCode === null && signalGroup(child.pid, 'SIGKILL'));
  const output: string[] = [];
  const { promise: exited, resolve: onExit } = Promise.withResolvers<void>();
  child.once('exit', () => onExit());
  const ready = new Promise<Ready>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (line.startsWith('{"ready"')) resolve(readySchema.parse(JSON.parse(line)));
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output.slice(-20).join('\n')}`)));
  });
  const stop = (signal: 'SIGINT' | 'SIGKILL') => endGroup(child, signal, exited);
  try {
    return { ...(await within(readyWithinMs, ready, 'npm start was not ready')), stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
}

/** The terminal sends Ctrl-C to the whole group, so that is what happens here. */
async function endGroup(child: ChildProcess, signal: 'SIGINT' | 'SIGKILL', exited: Promise<void>): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, signal);
  try {
    await within(stopsWithinMs, exited, `npm start did not end after ${signal}`);
    await within(stopsWithinMs, groupIsEmpty(pid), `a child was still running after ${signal}`);
  } finally {
    signalGroup(pid, 'SIGKILL');
  }
}

function signalGroup(pid: number, signal: 'SIGINT' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function groupIsEmpty(pid: number): Promise<void> {
  while (signalGroup(pid, 0)) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function within<T>(timeoutMs: number, promise: Promise<T>, otherwise: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${otherwise} within ${timeoutMs / 1000} s.`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
