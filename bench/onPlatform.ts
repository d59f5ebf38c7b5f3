import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../local/platform.ts';

/** Measures on a platform of its own within this process, whose meters can be read; it ends afterwards. */
export async function onPlatform<T>(measure: (platform: Platform) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  try {
    const platform = await startPlatform({ port: 0, dataDir, log: () => undefined });
    try {
      return await measure(platform);
    } finally {
      await platform.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
