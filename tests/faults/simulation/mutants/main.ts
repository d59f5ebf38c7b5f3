import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutants.ts';

/*
 * `npm run sim:mutants [-- --seeds N] [--only text]`: breaks a copy of the source on purpose, one thing at a time, and
 * expects the simulation to notice, or the test that is named for it. The working tree is never touched.
 */
const { values: flags } = parseArgs({
  options: { seeds: { type: 'string', default: '1500' }, only: { type: 'string', default: '' } },
});
const repository = join(import.meta.dirname, '..', '..', '..', '..');
const copied = [
  'shared',
  'functions',
  'local',
  'tests/faults/simulation',
  'tests/support',
  'tests/flows',
  'package.json',
];

interface Verdict {
  /** Where the breakage showed first; undefined where it did nowhere. */
  by?: string;
  what: string;
}

const started = mutants.filter(({ name }) => name.includes(flags.only));
const waiting = started.entries();
const verdicts = new Map<Mutant, Verdict>();
const beganMs = performance.now();
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

const survivors = started.filter((mutant) => verdicts.get(mutant)?.by === undefined);
const seconds = Math.round((performance.now() - beganMs) / 1000);
say(`${started.length - survivors.length} of ${started.length} mutants killed in ${seconds} s`);
process.exitCode = survivors.length > 0 ? 1 : 0;

async function work(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-mutants-'));
  try {
    for (const part of copied) cpSync(join(repository, part), join(directory, part), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
    for (const [, mutant] of waiting) {
      const verdict = await judge(directory, mutant);
      verdicts.set(mutant, verdict);
      say(`${mutant.name.padEnd(62)} ${(verdict.by ?? 'SURVIVES').padEnd(10)} ${verdict.what}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function judge(directory: string, { becomes, file, metBy, text }: Mutant): Promise<Verdict> {
  const path = join(directory, file);
  const source = readFileSync(path, 'utf8');
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0) {
    return { what: `the text does not occur exactly once in ${file}` };
  }
  writeFileSync(path, `${before}${becomes}${after}`);
  try {
    const output = metBy ? await meet(directory, metBy) : await simulate(directory);
    const [, by, what] = (metBy ? /^ *(FAIL) +(.*)$/m : /^(seed \d+) fails: (.*)$/m).exec(output) ?? [];
    if (by && what) return { by: metBy ? 'a test' : by, what: what.slice(0, 110) };
    return { what: output.trim().split('\n').at(-1) ?? '' };
  } finally {
    writeFileSync(path, source);
  }
}

/** What the simulation of a copy says. */
function simulate(directory: string): Promise<string> {
  const main = join(directory, 'tests/faults/simulation/main.ts');
  return outputOf(directory, [main, '--seeds', flags.seeds, '--jobs', '1', '--no-shrink', '--quiet']);
}

/** What one of the tests says in a copy. */
function meet(directory: string, test: string): Promise<string> {
  const vitest = join(directory, 'node_modules/vitest/vitest.mjs');
  return outputOf(directory, [vitest, 'run', '--root', directory, test]);
}

function outputOf(directory: string, parameters: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { cwd: directory, env: { ...process.env, NO_COLOR: '1' } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
