import { headline, visitor } from '../demo/story.ts';
import type { LocalHandler } from '../ports.ts';
import { createConsolePages } from './consolePages.ts';

export interface ConsoleOptions {
  register(method: string, path: string, handler: LocalHandler): void;
  keys: Record<string, string>;
  /** Whether the demo's story is among the data. */
  hasDemo: boolean;
}

/** The console's pages, and what they must know of this machine: its keys and whether there is a story to show. */
export function registerConsole({ register, keys, hasDemo }: ConsoleOptions): void {
  const identifier = `anonymousId:${visitor.anonymousId}`;
  const story = { keys, ...(hasDemo ? { demo: { headline, visitor: { name: visitor.name, identifier } } } : {}) };
  register('GET', '/_local/story', () => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(story),
  }));
  const pages = createConsolePages(() => (hasDemo ? identifier : undefined));
  for (const [path, answer] of Object.entries(pages)) register('GET', path, answer);
}
