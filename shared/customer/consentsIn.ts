import type { Interaction } from '../contracts/interaction.ts';
import { type ConsentRecord, noConsents } from '../follow-up/consentOf.ts';

/** What one interaction decides about mails. Anybody may object for a customer, but only who proves to be one agrees. */
export function consentsIn({ occurredAt, properties, trust, type }: Interaction): ConsentRecord {
  const { purpose } = properties;
  if (typeof purpose !== 'string') return noConsents;
  const atMs = Date.parse(occurredAt);
  if (type === 'consent.withdrawn') return { unsubscribed: { [purpose]: atMs }, granted: {} };
  if (type === 'consent.granted' && trust === 'proven') return { unsubscribed: {}, granted: { [purpose]: { atMs } } };
  return noConsents;
}
