import type { IdentifierType } from '../contracts/identifier.ts';
import { assertNever } from '../platform/errors.ts';

/**
 * Version 1 of the spelling under which an identifier is hashed. Changing a rule changes leaves, so a new rule is a
 * new version beside this one, never an edit.
 */
export function normaliseIdentifier(type: IdentifierType, value: string): string {
  switch (type) {
    case 'email':
      return value.trim().toLowerCase();
    case 'phone':
      return value.replace(/[^\d+]/g, '');
    case 'userId':
    case 'externalId':
    case 'anonymousId':
      return value.trim();
    default:
      return assertNever(type);
  }
}
