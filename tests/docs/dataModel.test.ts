import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPages, repository } from '../support/documents.ts';

const text = readPages().find(({ path }) => path === 'docs/data-model.md')?.text ?? '';
const sources = globSync('shared/**/*.ts', { cwd: repository }).map((path) =>
  readFileSync(join(repository, path), 'utf8'),
);

it('tells of every entity that is written, and of no other', () => {
  const written = sources.flatMap((source) => namesIn(source, /\bentity: '([a-z-]+)'/g));
  expect(written.length).toBeGreaterThan(15);
  expect(namesIn(text, /^\| `([a-z-]+)`/gm).sort()).toEqual([...new Set(written)].sort());
});

it('names every kind of partition that keys are built for, and no other', () => {
  // Within a leaf these two are kinds of sort keys.
  const isPartition = (kind: string) => !['B', 'E'].includes(kind);
  const built = sources.flatMap((source) => namesIn(source, /[`']([A-Z])#(?:\$\{|\w+:?|')/g)).filter(isPartition);
  const told = namesIn(text, /`([A-Z])#/g).filter(isPartition);
  expect([...new Set(told)].sort()).toEqual([...new Set(built)].sort());
});

function namesIn(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, name = '']) => name);
}
