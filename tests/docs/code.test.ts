import { stripTypeScriptTypes } from 'node:module';
import { expect, it } from 'vitest';
import { readPages, snippetsOf } from '../support/documents.ts';

const snippets = readPages().flatMap(snippetsOf);
const of = (language: string) =>
  snippets
    .filter((snippet) => snippet.language === language)
    .map(({ path, line, code }) => [path, line, code] as const);

it.each(of('json'))('%s shows JSON at line %i', (_path, _line, code) => {
  expect(() => JSON.parse(code)).not.toThrow();
});

it.each(of('ts'))('%s shows TypeScript at line %i', (_path, _line, code) => {
  expect(() => stripTypeScriptTypes(code)).not.toThrow();
});

it('every block of code says what it is written in, so that it can be checked', () => {
  const known = ['sh', 'json', 'ts', 'html', 'mermaid', 'text'];
  expect(snippets.filter(({ language }) => !known.includes(language))).toEqual([]);
  const fences = readPages().flatMap(({ text }) => text.match(/^```/gm) ?? []).length;
  expect(snippets.length).toBe(fences / 2);
});
