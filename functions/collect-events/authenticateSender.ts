import { PlatformError } from '../../shared/platform/errors.ts';
import type { EventSource } from '../../shared/segment/collectEvents.ts';
import { requireAllowedOrigin } from '../../shared/source/cors.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';

/**
 * The website or server that a write key belongs to. Throws `unauthenticated` for a missing or unknown key,
 * `forbidden` for a key that is no write key and for a page whose origin may not use a browser's key.
 */
export function authenticateSender(
  registry: SourceRegistry,
  key: string | undefined,
  headers: Record<string, string>,
): EventSource {
  const source = registry.authenticate(key, 'events:write');
  const { kind, name } = source;
  if (kind !== 'browser' && kind !== 'server') {
    throw new PlatformError('forbidden', `The key of source "${name}" is no write key.`);
  }
  if (kind === 'browser') requireAllowedOrigin(source, headers);
  return { kind, name };
}
