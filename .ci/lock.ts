import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './runTool.ts';

/** What this script knows of package-lock.json; every other field is kept as it is. */
export interface Lock {
  packages: Record<string, LockEntry>;
  [field: string]: unknown;
}

export interface LockEntry {
  version?: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

/**
 * A lock that `npm ci` accepts everywhere. npm leaves optional platform packages out where the registry at hand lacks
 * them, and then refuses its own lock; the missing entries are written here from the packages' names, so that a Mac gets
 * its own binaries too. Addresses of a registry (`resolved`) are dropped: each machine asks its own.
 */
export function completeLock(lock: Lock): Lock {
  const packages: Record<string, LockEntry> = {};
  for (const [path, { resolved: _, ...entry }] of Object.entries(lock.packages)) packages[path] = entry;
  for (const [parentPath, parent] of Object.entries(lock.packages)) {
    const siblings = Object.keys(parent.optionalDependencies ?? {});
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (!isLocked(lock, parentPath, name)) {
        packages[`node_modules/${name}`] = { ...platformEntry(name, version, siblings), ...flagsOf(parent) };
      }
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

/** Whether node's resolution, from the parent's folder upwards, meets the package. */
function isLocked(lock: Lock, parentPath: string, name: string): boolean {
  for (let path = parentPath; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`] !== undefined) return true;
    if (path === '') return false;
  }
}

/** What belongs to development, or to a peer, does so with its binaries. */
function flagsOf(parent: LockEntry): LockEntry {
  const flags = ['dev', 'devOptional', 'peer'].filter((flag) => parent[flag] === true);
  return Object.fromEntries(flags.map((flag) => [flag, true]));
}

function platformEntry(name: string, version: string, siblings: string[]): LockEntry {
  const { os, cpu, abi } = platformName.exec(`-${name.split('/').at(-1)}`)?.groups ?? {};
  if (os === undefined || cpu === undefined) {
    throw new Error(`${name} is missing from the lock, and its name does not say for which system it is.`);
  }
  const hasMuslSibling = siblings.includes(`${name}-musl`);
  const libc = abi?.startsWith('musl') ? 'musl' : abi === 'gnu' || hasMuslSibling ? 'glibc' : undefined;
  return { version, cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), optional: true, os: [os] };
}

/** `linux-arm64-musl` at a name's end: operating system, processor, C library. */
const platformName =
  /-(?<os>aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(?<cpu>[a-z0-9]+)(?:-(?<abi>[a-z]+))?$/;

if (import.meta.main) {
  const path = join(repository, 'package-lock.json');
  const lock: Lock = JSON.parse(await readFile(path, 'utf8'));
  const complete = completeLock(lock);
  await writeFile(path, `${JSON.stringify(complete, null, 2)}\n`);
  const added = Object.keys(complete.packages).length - Object.keys(lock.packages).length;
  process.stdout.write(`${added} missing entries written\n`);
}
