import type { Identifier } from '../contracts/identifier.ts';

/**
 * The addresses to which a follow-up may go, best first: proven before asserted. What anybody claimed in a browser is
 * nobody's address.
 */
export function addressesOf(identifiers: readonly Identifier[]): Identifier[] {
  const emails = identifiers.filter(({ type, trust }) => type === 'email' && trust !== 'claimed');
  return [...emails.filter(({ trust }) => trust === 'proven'), ...emails.filter(({ trust }) => trust === 'asserted')];
}
