import { createHash } from 'node:crypto';
import type { Scope, Source } from '../contracts/source.ts';
import { PlatformError } from '../platform/errors.ts';

/** The sources that may call, found by their keys. */
export interface SourceRegistry {
  /** Throws `unauthenticated` for a missing or unknown key, `forbidden` where the key lacks the scope. */
  authenticate(key: string | undefined, scope: Scope): Source;
  /** The source of this name, for tokens that name theirs; undefined once it was removed. */
  named(name: string): Source | undefined;
  /** Whether some browser source may be used from this origin: all that a preflight, which shows no key, can be told. */
  allowsOrigin(origin: string): boolean;
}

export function createSourceRegistry(sources: readonly Source[]): SourceRegistry {
  const byHash = new Map(sources.flatMap((source) => source.keyHashes.map((hash) => [hash, source] as const)));
  return {
    authenticate(key, scope) {
      if (key === undefined || key === '') throw new PlatformError('unauthenticated', 'This request shows no key.');
      // Keys are long and random, so looking up a plain hash reveals nothing by timing.
      const source = byHash.get(createHash('sha256').update(key).digest('hex'));
      if (source === undefined) throw new PlatformError('unauthenticated', 'The key is not known.');
      if (!source.scopes.includes(scope)) {
        throw new PlatformError('forbidden', `The key of source "${source.name}" does not have the scope ${scope}.`);
      }
      return source;
    },
    named: (name) => sources.find((source) => source.name === name),
    allowsOrigin: (origin) => sources.some((source) => source.kind === 'browser' && allows(source, origin)),
  };
}

/** Whether pages of this origin may use the source's key. Requests without an origin come from servers and pass. */
export function allows(source: Source, origin: string | undefined): boolean {
  return origin === undefined || source.allowedOrigins.includes('*') || source.allowedOrigins.includes(origin);
}
