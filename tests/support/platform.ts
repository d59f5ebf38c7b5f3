import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { type Platform, type PlatformOptions, startPlatform } from '../../local/platform.ts';

/** A small stack whose functions show what they see, and misbehave on demand. */
export const practiceDirectory = join(import.meta.dirname, '..', 'local', 'fixtures', 'practice');

export interface TestPlatform extends Platform {
  /** What the platform would have told a person. */
  lines: string[];
}

/**
 * A whole platform on a free port with a data directory of its own. After the file's last test it stops, and ends with
 * the test process at the latest: inside a hook nothing can be registered for later.
 */
export async function startTestPlatform(options: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const lines: string[] = [];
  const platform = await startPlatform({
    port: 0,
    log: (line) => lines.push(line),
    ephemeral: options.dataDir === undefined,
    ...options,
    dataDir,
  });
  afterAll(() => platform.stop());
  return { ...platform, lines };
}

/** Asks again until the answer is something other than undefined or false; rejects after the time-out. */
export async function waitFor<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${String(condition)}`);
    await pause(10);
  }
}
