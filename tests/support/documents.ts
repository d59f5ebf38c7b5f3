import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../..');

/** A page of the documentation; its path is relative to the repository. */
export interface Page {
  path: string;
  text: string;
}

export interface Snippet {
  path: string;
  /** Of its first line of code, from 1. */
  line: number;
  language: string;
  /** What the info string says besides: `run`. */
  marks: string[];
  code: string;
}

export function readPages(): Page[] {
  const paths = ['README.md', ...globSync('docs/**/*.md', { cwd: repository }).sort()];
  return paths.map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));
}

export function snippetsOf({ path, text }: Page): Snippet[] {
  return [...text.matchAll(/^```(\S+)(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', marks = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { path, line, language, marks: marks.split(' ').filter((mark) => mark !== ''), code };
  });
}

/** The page without its code, in which nothing is a link or a heading. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
}
