import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countTests } from '../../.ci/countTests.ts';

describe('counting a report of the tests', () => {
  const report = { numPassedTests: 7, numFailedTests: 0, success: true, testResults: [] };

  it('takes passed and failed tests as they are', () => {
    expect(countTests(report)).toEqual({ passed: 7, failed: 0 });
    expect(countTests({ ...report, numFailedTests: 2, success: false })).toEqual({ passed: 7, failed: 2 });
  });

  it('counts a file that could not be collected as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countTests({ ...report, success: false, testResults })).toEqual({ passed: 7, failed: 1 });
  });

  it('counts a failed test once, not again for its file', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }];
    expect(countTests({ ...report, numFailedTests: 1, success: false, testResults })).toEqual({ passed: 7, failed: 1 });
  });

  it.each([
    ['a run that failed although every test passed', { ...report, success: false }],
    ['a run without a single test', { ...report, numPassedTests: 0 }],
    ['no report at all', undefined],
  ])('counts %s as a failure', (_, given) => {
    expect(countTests(given).failed).toBe(1);
  });
});

describe('.ci/run', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'throughline-run-'));
    mkdirSync(join(directory, '.ci'));
    mkdirSync(join(directory, 'bin'));
    cpSync(join(import.meta.dirname, '../../.ci/run'), join(directory, '.ci/run'));
    writeFileSync(join(directory, 'README.md'), 'Run `npm ci && npm test`.\n');
    stand(
      'node',
      'case "$1" in *countTests.ts) echo "40 passed, 0 failed";; *smoke.ts) echo "8 passed, 0 failed";; esac',
    );
    stand('npm', 'exit 0');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('adds the tests, the steps of the smoke test, and one for each other step', () => {
    expect(run()).toEqual({ status: 0, lastLine: '53 passed, 0 failed' });
  });

  it('fails when a step fails, and runs the others all the same', () => {
    stand('npm', 'case "$*" in *check) exit 1;; esac');
    expect(run()).toEqual({ status: 1, lastLine: '52 passed, 1 failed' });
  });

  it('fails when the tests end badly although their report counts no failure', () => {
    stand('npm', 'case "$*" in test*) exit 1;; esac');
    expect(run()).toEqual({ status: 1, lastLine: '53 passed, 1 failed' });
  });

  it('stops when the packages cannot be installed', () => {
    stand('npm', 'exit 1');
    expect(run()).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  it('fails when the README promises something else', () => {
    writeFileSync(join(directory, 'README.md'), 'Run `yarn`.\n');
    expect(run()).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  /** Puts a program of our own in the place of another. */
  function stand(name: string, script: string): void {
    writeFileSync(join(directory, 'bin', name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  }

  function run(): { status: number | null; lastLine: string | undefined } {
    const env = { ...process.env, PATH: `${join(directory, 'bin')}:${process.env.PATH}` };
    const { status, stdout } = spawnSync(join(directory, '.ci/run'), { cwd: directory, env, encoding: 'utf8' });
    return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
  }
});
