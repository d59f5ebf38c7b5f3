import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Stoppable } from './ports.ts';
import { takeLock } from './takeLock.ts';

/** To stop it lets the next platform use it. */
export interface DataDirectory extends Stoppable {
  path: string;
}

const marker = 'throughline-data';

/**
 * Takes a data directory for this process alone; the lock ends with the process, however that ends.
 * `fresh` empties it first, and only if it is one of ours. Throws one sentence with the way out.
 */
export function openDataDirectory(directory: string, fresh: boolean): DataDirectory {
  const path = resolve(directory);
  const isOurs = existsSync(join(path, marker));
  if (existsSync(path) && readdirSync(path).length > 0 && !isOurs) {
    throw new Error(`${path} holds other files: give --data-dir an empty or a new directory.`);
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, marker), 'Data of a local Throughline. `npm start -- --fresh` deletes it.\n');
  const release = takeLock(join(path, lockName));
  if (!release) {
    throw new Error(`${path} is in use by another start: stop that one or give --data-dir another directory.`);
  }
  if (fresh) empty(path);
  return { path, stop: async () => release() };
}

const lockName = 'lock';

function empty(path: string): void {
  const kept = new Set([marker, lockName, `${lockName}-journal`]);
  for (const name of readdirSync(path)) {
    if (!kept.has(name)) rmSync(join(path, name), { recursive: true, force: true });
  }
}
