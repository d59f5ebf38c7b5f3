import { PlatformError } from '../../shared/platform/errors.ts';
import type { HttpHandler } from '../../shared/platform/http.ts';
import { projectSettings } from '../../shared/segment/projectSettings.ts';
import type { Cors } from '../../shared/source/cors.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';

/** `GET /v1/projects/{writeKey}/settings`. A server's key has no business in a browser, so it is as unknown here. */
export function createGetProjectSettings({ cors, registry }: { cors: Cors; registry: SourceRegistry }): HttpHandler {
  return async ({ headers, params }) => {
    const writeKey = params.writeKey ?? '';
    if (!isBrowserKey(registry, writeKey)) throw new PlatformError('not-found', 'There is no such project.');
    const protocol = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
    return {
      status: 200,
      headers: cors.headers(headers),
      body: projectSettings({ writeKey, host: headers.host ?? '', protocol }),
    };
  };
}

function isBrowserKey(registry: SourceRegistry, key: string): boolean {
  try {
    return registry.authenticate(key, 'events:write').kind === 'browser';
  } catch (error) {
    if (error instanceof PlatformError) return false;
    throw error;
  }
}
