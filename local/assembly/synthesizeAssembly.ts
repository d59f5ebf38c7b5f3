import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalLog } from '../ports.ts';
import { takeLock } from '../takeLock.ts';
import { fingerprintSources } from './fingerprintSources.ts';

export interface Assembly {
  directory: string;
  /** Equal fingerprints, equal assemblies. */
  fingerprint: string;
}

export interface SynthesisOptions {
  repository: string;
  log: LocalLog;
  /** Ends the child. */
  signal: AbortSignal;
}

const keptForMs = 7 * 24 * 60 * 60 * 1000;

/**
 * The synthesized assembly of the CDK app in `repository`, made by a child process unless the same sources were
 * synthesized before. Several processes may ask at once: one synthesizes, the others wait for it.
 */
export async function synthesizeAssembly(options: SynthesisOptions): Promise<Assembly> {
  const { repository, signal } = options;
  const fingerprint = fingerprintSources(repository);
  const cache = join(repository, 'cdk.out', 'local');
  const directory = join(cache, fingerprint);
  mkdirSync(cache, { recursive: true });
  while (!isComplete(directory)) {
    const release = takeLock(join(cache, 'lock'));
    if (release) {
      try {
        await make(directory, options);
      } finally {
        release();
      }
    } else {
      await pause(50, undefined, { signal });
    }
  }
  const now = new Date();
  utimesSync(directory, now, now);
  removeOld(cache, now.getTime());
  return { directory, fingerprint };
}

function isComplete(directory: string): boolean {
  return existsSync(join(directory, 'manifest.json'));
}

/** Under its final name only when it is complete. */
async function make(directory: string, { repository, log, signal }: SynthesisOptions): Promise<void> {
  if (isComplete(directory)) return;
  log('Synthesizing the CDK app, which is needed after a change only.');
  const fresh = `${directory}.new`;
  rmSync(fresh, { recursive: true, force: true });
  await synthesize(repository, fresh, signal);
  renameSync(fresh, directory);
}

function synthesize(repository: string, directory: string, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: repository,
    // The CDK's own validation takes longer than all the rest: it is for a template that is about to be deployed.
    env: { ...process.env, CDK_OUTDIR: directory, CDK_DISABLE_VERSION_CHECK: '1', CDK_VALIDATION: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && isComplete(directory)) resolve();
      else reject(new Error(`The CDK app could not be synthesized:\n${output.join('').trim()}`));
    });
  });
}

/** Assemblies that nobody started for a week are of no use; a younger one may be running. */
function removeOld(cache: string, nowMs: number): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - usedAt > keptForMs) rmSync(path, { recursive: true, force: true });
  }
}
