import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completeLock, type Lock } from '../../.ci/lock.ts';

const committed: Lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'));

describe('the committed lock', () => {
  it('is complete: npm ci finds every optional package of every system in it', () => {
    expect(Object.keys(completeLock(committed).packages)).toEqual(Object.keys(committed.packages));
  });

  it('names no registry, so that each machine asks its own', () => {
    expect(Object.values(committed.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});

describe('completing a lock', () => {
  const lock: Lock = {
    name: 'practice',
    lockfileVersion: 3,
    packages: {
      '': { optionalDependencies: { '@engine/darwin-arm64': '1.2.1' } },
      'node_modules/linter': {
        version: '2.0.0',
        resolved: 'https://registry.example/linter-2.0.0.tgz',
        dev: true,
        optionalDependencies: {
          '@linter/cli-linux-x64': '2.0.0',
          '@linter/cli-linux-x64-musl': '2.0.0',
          '@linter/cli-win32-x64-msvc': '2.0.0',
        },
      },
      'node_modules/@linter/cli-linux-x64': { version: '2.0.0', optional: true },
    },
  };

  it('writes what is missing from the name of the package, and leaves what is there', () => {
    expect(completeLock(lock)).toEqual({
      name: 'practice',
      lockfileVersion: 3,
      packages: {
        '': { optionalDependencies: { '@engine/darwin-arm64': '1.2.1' } },
        'node_modules/@engine/darwin-arm64': { version: '1.2.1', os: ['darwin'], cpu: ['arm64'], optional: true },
        'node_modules/@linter/cli-linux-x64': { version: '2.0.0', optional: true },
        'node_modules/@linter/cli-linux-x64-musl': {
          version: '2.0.0',
          os: ['linux'],
          cpu: ['x64'],
          libc: ['musl'],
          optional: true,
          dev: true,
        },
        'node_modules/@linter/cli-win32-x64-msvc': {
          version: '2.0.0',
          os: ['win32'],
          cpu: ['x64'],
          optional: true,
          dev: true,
        },
        'node_modules/linter': {
          version: '2.0.0',
          dev: true,
          optionalDependencies: {
            '@linter/cli-linux-x64': '2.0.0',
            '@linter/cli-linux-x64-musl': '2.0.0',
            '@linter/cli-win32-x64-msvc': '2.0.0',
          },
        },
      },
    });
  });

  it('changes nothing the second time', () => {
    const once = completeLock(lock);
    expect(JSON.stringify(completeLock(once))).toBe(JSON.stringify(once));
  });

  it('finds a package that lies inside its parent', () => {
    const nested: Lock = {
      packages: {
        'node_modules/a': { version: '1.0.0', optionalDependencies: { 'b-linux-x64': '1.0.0' } },
        'node_modules/a/node_modules/b-linux-x64': { version: '1.0.0' },
      },
    };
    expect(completeLock(nested)).toEqual(nested);
  });

  it('refuses to guess the system of a package whose name does not say it', () => {
    const unclear: Lock = { packages: { '': { optionalDependencies: { 'left-pad': '1.0.0' } } } };
    expect(() => completeLock(unclear)).toThrow('left-pad is missing from the lock');
  });
});
