const ownNames = /^(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** A name of somebody else's that was made to lead here (DNS rebinding). */
export function isForeignHost(host: string | undefined): boolean {
  return host === undefined || !ownNames.test(host);
}

/** A request by a page of another site: helpers and keys are for this machine's own pages and for tools. */
export function isForeignPage(headers: Record<string, string | string[] | undefined>): boolean {
  const { origin } = headers;
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') return true;
  return typeof origin === 'string' && isForeignHost(origin.replace(/^https?:\/\//, ''));
}
