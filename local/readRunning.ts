import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file in the data directory by which the small commands find the running platform. */
export const runningFileName = 'running.json';

/** Where the platform of a data directory listens, and its keys. Ends the process with one sentence where none runs. */
export function readRunning(dataDir: string): { url: string; keys: Record<string, string> } {
  try {
    const { url, pid } = readJson<{ url: string; pid: number }>(join(dataDir, runningFileName));
    // Signal 0 only asks whether the process exists.
    process.kill(pid, 0);
    return { url, keys: readJson<Record<string, string>>(join(dataDir, 'keys.json')) };
  } catch {
    process.stderr.write(
      `Nothing runs with the data directory ${dataDir}: start it with npm start (or name another with --data-dir).\n`,
    );
    process.exit(1);
  }
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
