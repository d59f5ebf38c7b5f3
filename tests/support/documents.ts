import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../..');

/** A page of the documentation; its path is relative to the repository. */
export interface Page {
  path: string;
  text: string;
}

export function readPages(): Page[] {
  const paths = ['README.md', ...globSync('docs/**/*.md', { cwd: repository }).sort()];
  return paths.map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));
}

/** The page without its code, in which nothing is a link or a heading. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
}
