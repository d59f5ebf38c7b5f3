import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LocalLog } from '../ports.ts';
import { messageOf } from './lifetime.ts';

/** Writes one file again and again, at most one write at a time; many changes in between become one write. */
export interface FileSaver {
  /** Saves what `contents` says, soon. */
  save(): void;
  /** Resolves when all that `save` was called for lies in the file, or could not be written and was logged. */
  flush(): Promise<void>;
}

/** `contents` is asked at the moment of writing; what it returns is a snapshot. `saved` learns of each success. */
export function createFileSaver(
  path: string,
  contents: () => string,
  log: LocalLog,
  saved: (contents: string) => void = () => undefined,
): FileSaver {
  mkdirSync(dirname(path), { recursive: true });
  let dirty = false;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (dirty) {
      dirty = false;
      const snapshot = contents();
      // A rename is atomic: a crash leaves the old file or the new one, never half of one.
      await writeFile(`${path}.new`, snapshot, { mode: 0o600 });
      await rename(`${path}.new`, path);
      saved(snapshot);
    }
  }

  function start(): Promise<void> {
    writing ??= write()
      .catch((error: unknown) => log(`Could not save ${path}: ${messageOf(error)}`))
      .finally(() => {
        writing = undefined;
      });
    return writing;
  }

  return {
    save: () => {
      dirty = true;
      start().catch(() => undefined);
    },
    flush: async () => {
      while (dirty || writing) await start();
    },
  };
}
