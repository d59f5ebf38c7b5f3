import { type HttpRequest, parseJson } from '../../shared/platform/http.ts';
import { apiKey, basicKey } from '../../shared/source/credentials.ts';

/** The browser write key, where the page could put it: in a header, or in the body (a beacon sets no headers). */
export function widgetKey(request: HttpRequest): string | undefined {
  const inHeader = basicKey(request.headers) ?? apiKey(request.headers);
  if (inHeader !== undefined) return inHeader;
  const body = parseJson(request);
  const inBody = typeof body === 'object' && body !== null && 'writeKey' in body ? body.writeKey : undefined;
  return typeof inBody === 'string' ? inBody : undefined;
}
