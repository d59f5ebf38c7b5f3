import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { asRecord, asText, parseJson } from './events/json.ts';

/** Entries by id that are there again after this process was killed: those that were put, flushed and not removed. */
export interface Journal<T> {
  /** In the order in which they first came. */
  entries(): [string, T][];
  get(id: string): T | undefined;
  /** Adds an entry or replaces it. */
  put(id: string, entry: T): void;
  remove(id: string): void;
  /** Writes everything since the last call, as one write; until then it lives in memory only. Throws where that fails. */
  flush(): void;
  close(): void;
}

/** The file is written anew at the start, and again when so many bytes more than what it holds have been appended. */
const mostAppendedBytes = 4 * 1024 * 1024;

/** Opens a journal in a file of its own; what in it does not pass `isEntry`, such as the half line of a crash, is nobody's. */
export function openJournal<T>(path: string, isEntry: (value: unknown) => value is T): Journal<T> {
  mkdirSync(dirname(path), { recursive: true });
  const live = new Map<string, T>();
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    const { id, entry } = asRecord(parseJson(line));
    const key = asText(id);
    if (key === undefined) continue;
    if (isEntry(entry)) live.set(key, entry);
    else live.delete(key);
  }
  const changed = new Set<string>();
  let { file, limitBytes } = writtenAnew();
  let appendedBytes = 0;

  /** Whoever is killed in between leaves the old file. */
  function writtenAnew(): { file: number; limitBytes: number } {
    const text = [...live.keys()].map(lineOf).join('');
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return { file: openSync(path, 'a'), limitBytes: Math.max(mostAppendedBytes, text.length) };
  }

  /** Without an entry the line says that it was removed. */
  function lineOf(id: string): string {
    return `${JSON.stringify({ id, entry: live.get(id) })}\n`;
  }

  return {
    entries: () => [...live],
    get: (id) => live.get(id),
    put: (id, entry) => {
      live.set(id, entry);
      changed.add(id);
    },
    remove: (id) => {
      if (live.delete(id)) changed.add(id);
    },
    flush: () => {
      if (changed.size === 0) return;
      // A new line first: one that a full disk cut off before must not spoil the next.
      const text = `\n${[...changed].map(lineOf).join('')}`;
      appendFileSync(file, text);
      changed.clear();
      appendedBytes += text.length;
      if (appendedBytes < limitBytes) return;
      closeSync(file);
      ({ file, limitBytes } = writtenAnew());
      appendedBytes = 0;
    },
    close: () => closeSync(file),
  };
}
