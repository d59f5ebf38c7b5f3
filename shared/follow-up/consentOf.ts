/** Decisions by purpose, of each kind the latest: all that an earlier one could say is said by a later one. */
export interface ConsentRecord<G extends { atMs: number } = { atMs: number }> {
  /** When its recipient objected, in milliseconds. */
  unsubscribed: Record<string, number>;
  /** When its recipient agreed by a link that only the mailbox has. */
  granted: Record<string, G>;
}

/** What holds for a purpose, and since when. */
export interface Consent {
  state: 'granted' | 'withdrawn';
  atMs: number;
}

/**
 * What a customer with these addresses last decided about a purpose: a withdrawal on any address holds for all until
 * any of them agrees later. At the same moment the withdrawal holds. Undefined where nothing was decided.
 */
export function consentOf(
  records: readonly Pick<ConsentRecord, 'unsubscribed' | 'granted'>[],
  purpose: string,
): Consent | undefined {
  const { granted, unsubscribed } = records.reduce<ConsentRecord>(mergeConsents, noConsents);
  const [withdrawnAtMs, grant] = [unsubscribed[purpose], granted[purpose]];
  if (grant && (withdrawnAtMs === undefined || grant.atMs > withdrawnAtMs)) {
    return { state: 'granted', atMs: grant.atMs };
  }
  return withdrawnAtMs === undefined ? undefined : { state: 'withdrawn', atMs: withdrawnAtMs };
}

export const noConsents: ConsentRecord<never> = { unsubscribed: {}, granted: {} };

/** Both records as one, whatever the order and however often. */
export function mergeConsents<G extends { atMs: number }>(
  one: ConsentRecord<G>,
  other: ConsentRecord<G>,
): ConsentRecord<G> {
  const merged: ConsentRecord<G> = { unsubscribed: { ...one.unsubscribed }, granted: { ...one.granted } };
  for (const [purpose, atMs] of Object.entries(other.unsubscribed)) {
    merged.unsubscribed[purpose] = Math.max(atMs, merged.unsubscribed[purpose] ?? atMs);
  }
  for (const [purpose, grant] of Object.entries(other.granted)) {
    if (grant.atMs > (merged.granted[purpose]?.atMs ?? -1)) merged.granted[purpose] = grant;
  }
  return merged;
}

/** The purposes about which anything was decided, in alphabetical order. */
export function purposesIn({ granted, unsubscribed }: ConsentRecord): string[] {
  return [...new Set([...Object.keys(unsubscribed), ...Object.keys(granted)])].sort();
}
