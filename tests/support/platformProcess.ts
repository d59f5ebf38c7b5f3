import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from './platform.ts';

/** `npm start` as a process of its own, which can be killed. */
export interface PlatformProcess {
  api: string;
  keys: Record<string, string>;
  inboundDomain: string;
  /** Standard error so far. */
  errors(): string;
  /** The exit code; null after a signal. */
  ended: Promise<number | null>;
  kill(signal: 'SIGKILL' | 'SIGINT'): Promise<void>;
}

const main = join(import.meta.dirname, '..', '..', 'local', 'main.ts');

/** Resolves when it is ready; rejects with what it complained about where it ends before. */
export async function startPlatformProcess(dataDir: string): Promise<PlatformProcess> {
  const args = [main, '--json', '--no-demo', '--port', '0', '--data-dir', dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  let over = false;
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      over = true;
      resolve(code);
    }),
  );
  const ready = await waitFor(() => {
    if (over) throw new Error(`The platform did not start: ${errors}`);
    return output.endsWith('\n') && (JSON.parse(output) as Pick<PlatformProcess, 'api' | 'keys' | 'inboundDomain'>);
  }, 60_000);
  return {
    ...ready,
    errors: () => errors,
    ended,
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}
