import { readFileSync } from 'node:fs';
import type { LocalLog } from '../ports.ts';
import { createFileSaver } from './fileSaver.ts';
import { asRecord, parseJson } from './json.ts';

/** Positions by key, kept in one small file. What is found after a crash may be older, never newer, than the truth. */
export interface Checkpoints {
  get(key: string): string | undefined;
  keys(): string[];
  /** The position that would be found after a crash now. */
  saved(key: string): string | undefined;
  /** Remembers a position and writes it soon. */
  set(key: string, position: string): void;
  /** Resolves when everything set so far lies in the file, or could not be written and was logged. */
  flush(): Promise<void>;
}

export function openCheckpoints(path: string, log: LocalLog): Checkpoints {
  const positions = parsePositions(readIfThere(path));
  let onDisk = new Map(positions);
  const contents = () => JSON.stringify(Object.fromEntries(positions));
  const saver = createFileSaver(path, contents, log, (text) => {
    onDisk = parsePositions(text);
  });
  return {
    get: (key) => positions.get(key),
    keys: () => [...positions.keys()],
    saved: (key) => onDisk.get(key),
    set: (key, position) => {
      positions.set(key, position);
      saver.save();
    },
    flush: () => saver.flush(),
  };
}

function parsePositions(text: string): Map<string, string> {
  return new Map(Object.entries(asRecord(parseJson(text))).map(([key, position]) => [key, String(position)]));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
