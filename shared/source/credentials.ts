/** The key in `Authorization: Basic base64(key:)`, as Segment's SDKs send it; the password, if any, is ignored. */
export function basicKey(headers: Record<string, string>): string | undefined {
  const match = /^Basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(headers.authorization ?? '');
  if (!match?.[1]) return undefined;
  const user = Buffer.from(match[1], 'base64').toString('utf8').split(':')[0];
  return user === '' ? undefined : user;
}

/** The key in `Authorization: Bearer key`. */
export function bearerKey(headers: Record<string, string>): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** The key of an agent's software: `Authorization: Bearer key` or `X-Api-Key: key`. */
export function apiKey(headers: Record<string, string>): string | undefined {
  return bearerKey(headers) ?? headers['x-api-key'];
}
