import type { Identifier, IdentifierType, Trust } from '../contracts/identifier.ts';
import type { ParsedEvent } from './parseEvent.ts';

const emailPattern = /^[^\s@"<>]{1,64}@[^\s@"<>.]+(\.[^\s@"<>.]+)+$/;
/** International numbers only: without a country a number could be anybody's. */
const phonePattern = /^\+[\d\s().\-/]+$/;

/** Everything by which the event names its customer, each with the trust that its source deserves. */
export function identifiersOf(event: ParsedEvent, trust: Trust): Identifier[] {
  // The traits of a group call describe the group.
  const traits = { ...recordOf(event.context.traits), ...(event.type === 'identify' ? event.traits : {}) };
  const named: [IdentifierType, string | undefined][] = [
    ['anonymousId', event.anonymousId],
    ['userId', event.userId],
    ['email', readEmail(traits.email)],
    ['phone', readPhone(traits.phone)],
  ];
  return named.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value, trust }]));
}

function readEmail(value: unknown): string | undefined {
  const email = typeof value === 'string' ? value.trim() : '';
  return email.length <= 254 && emailPattern.test(email) ? email : undefined;
}

function readPhone(value: unknown): string | undefined {
  const phone = typeof value === 'string' ? value.trim() : '';
  const digits = phone.replace(/\D/g, '').length;
  return phone.length <= 40 && phonePattern.test(phone) && digits >= 7 && digits <= 15 ? phone : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
