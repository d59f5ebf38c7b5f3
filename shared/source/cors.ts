import type { Source } from '../contracts/source.ts';
import { PlatformError } from '../platform/errors.ts';
import { allows, type SourceRegistry } from './sourceRegistry.ts';

/** Answers of the browser's cross-origin rules: the functions give them, since only they know each source's origins. */
export interface Cors {
  /** Headers for every answer, errors too: without them a page sees no answer at all. */
  headers(requestHeaders: Record<string, string>): Record<string, string>;
  /** Answer to OPTIONS. A preflight shows no key, so any browser source that allows the origin lets it pass. */
  preflight(requestHeaders: Record<string, string>): { status: number; headers: Record<string, string> };
}

export function createCors(registry: Pick<SourceRegistry, 'allowsOrigin'>): Cors {
  const headers = ({ origin }: Record<string, string>): Record<string, string> => {
    // Caches must keep answers apart also where the origin is refused.
    if (origin === undefined || !registry.allowsOrigin(origin)) return { vary: 'origin' };
    return {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'retry-after',
    };
  };
  return {
    headers,
    preflight(requestHeaders) {
      const allowed = headers(requestHeaders);
      if (allowed['access-control-allow-origin'] === undefined) return { status: 204, headers: allowed };
      return {
        status: 204,
        headers: {
          ...allowed,
          'access-control-allow-methods': 'GET, POST, OPTIONS',
          'access-control-allow-headers': 'authorization, content-type, x-api-key, x-retry-count',
          // Two hours: the longest that Chromium keeps.
          'access-control-max-age': '7200',
        },
      };
    },
  };
}

/** Throws `forbidden` where a page of another origin uses the source's key. */
export function requireAllowedOrigin(source: Source, requestHeaders: Record<string, string>): void {
  if (!allows(source, requestHeaders.origin)) {
    throw new PlatformError('forbidden', `Pages of this origin may not use the key of source "${source.name}".`);
  }
}
