import type { Identifier, IdentifierType, Trust } from '../contracts/identifier.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { ParsedEvent } from './parseEvent.ts';

const emailPattern = /^[^\s@"<>]{1,64}@[^\s@"<>.]+(\.[^\s@"<>.]+)+$/;

/** Everything by which the event names its customer, each with the trust that its source deserves. */
export function identifiersOf(event: ParsedEvent, trust: Trust, parsePhone: ParsePhone): Identifier[] {
  // The traits of a group call describe the group.
  const traits = { ...recordOf(event.context.traits), ...(event.type === 'identify' ? event.traits : {}) };
  const named: [IdentifierType, string | undefined][] = [
    ['anonymousId', event.anonymousId],
    ['userId', event.userId],
    ['email', readEmail(traits.email)],
    ['phone', typeof traits.phone === 'string' ? parsePhone(traits.phone) : undefined],
  ];
  return named.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value, trust }]));
}

function readEmail(value: unknown): string | undefined {
  const email = typeof value === 'string' ? value.trim() : '';
  return email.length <= 254 && emailPattern.test(email) ? email : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
