import type { LookupQuery } from '../contracts/lookup.ts';
import type { LeafOwner } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';

/** The identifiers that a lookup asks for, as they are kept. What is empty, withheld or malformed asks for nobody. */
export function soughtOwners({ number, email, userId }: LookupQuery, parsePhone: ParsePhone): LeafOwner[] {
  const phone = number === undefined ? undefined : parsePhone(number);
  const owners: LeafOwner[] = [];
  if (userId !== undefined && userId.trim() !== '') owners.push({ type: 'userId', value: userId });
  if (email?.includes('@')) owners.push({ type: 'email', value: email });
  if (phone !== undefined) owners.push({ type: 'phone', value: phone });
  return owners;
}
