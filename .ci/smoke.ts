import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synth } from '../infra/synth.ts';
import { smokeSteps } from './smoke/smokeSteps.ts';
import { startPlatform } from './smoke/startPlatform.ts';

/**
 * Starts the platform as a newcomer would and drives it over HTTP. One line per step; the last line counts.
 * A step that needs one that failed fails too: nothing is skipped in silence.
 */
async function smoke(write: (line: string) => void): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-smoke-'));
  let passed = 0;
  let failed = 0;
  try {
    for (const { name, run } of smokeSteps(() => startPlatform(dataDir), readTemplate)) {
      try {
        await run();
        passed += 1;
        write(`pass  ${name}`);
      } catch (error) {
        failed += 1;
        write(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  write(`${passed} passed, ${failed} failed`);
  return failed;
}

async function readTemplate(): Promise<unknown> {
  const { templatePath } = await synth();
  return JSON.parse(await readFile(templatePath, 'utf8'));
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const failures = await smoke((line) => process.stdout.write(`${line}\n`));
process.exitCode = failures === 0 ? 0 : 1;
