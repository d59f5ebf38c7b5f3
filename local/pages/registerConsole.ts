import type { Told } from '../demo/readTold.ts';
import { jonas, lena } from '../demo/story.ts';
import type { LocalHandler } from '../ports.ts';
import { createConsolePages } from './consolePages.ts';

export interface ConsoleOptions {
  register(method: string, path: string, handler: LocalHandler): void;
  keys: Record<string, string>;
  /** The demo's story; undefined where it is not among the data. */
  told: Told | undefined;
}

/** The console's pages, and what they must know of this machine: its keys and whether there is a story to show. */
export function registerConsole({ register, keys, told }: ConsoleOptions): void {
  const hers = `anonymousId:${lena.anonymousId}`;
  const people = [person(lena, hers), person(jonas, `userId:${jonas.userId}`)];
  const story = { keys, ...(told ? { demo: { people, told } } : {}) };
  register('GET', '/_local/story', () => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(story),
  }));
  const pages = createConsolePages(() => (told ? hers : undefined));
  for (const [path, answer] of Object.entries(pages)) register('GET', path, answer);
}

function person({ name, phoneShown, animal }: typeof jonas, identifier: string) {
  return { name, phoneShown, animal, identifier };
}
