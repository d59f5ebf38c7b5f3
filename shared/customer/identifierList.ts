import { type Identifier, type IdentifierType, identifierTypes, type Trust } from '../contracts/identifier.ts';
import { normaliseIdentifier } from '../identity/normaliseIdentifier.ts';

export const trusts: readonly Trust[] = ['claimed', 'asserted', 'proven'];

/** How many of each type a head lists; anybody can claim any number. */
const listedOfLeaf: ListedIdentifiers = { userId: 2, email: 3, phone: 3, externalId: 3, anonymousId: 3 };
/** The same for a linked customer: what one may consist of, but of browsers only the first few. */
export const listedOfCustomer: ListedIdentifiers = { userId: 3, email: 5, phone: 4, externalId: 5, anonymousId: 5 };

export type ListedIdentifiers = Readonly<Record<IdentifierType, number>>;

/** The identifiers of one interaction as a list. */
export function identifierList(identifiers: readonly Identifier[]): Identifier[] {
  const normalised = identifiers.map(({ type, value, trust }) => ({
    type,
    value: normaliseIdentifier(type, value),
    trust,
  }));
  return mergeIdentifiers(
    [],
    normalised.filter(({ value }) => value !== ''),
  );
}

/**
 * Both lists as one: each identifier once, with the highest trust it was ever stated with; by authority of the type,
 * then trust, then value; of each type the first few. What was left out once ranks below those that were kept, and they
 * only rise, so the result does not depend on the order of merging.
 */
export function mergeIdentifiers(
  one: readonly Identifier[],
  other: readonly Identifier[],
  listed: ListedIdentifiers = listedOfLeaf,
): Identifier[] {
  const byName = new Map<string, Identifier>();
  for (const identifier of [...one, ...other]) {
    const name = `${identifier.type}|${identifier.value}`;
    const known = byName.get(name);
    if (!known || rankOf(identifier.trust) > rankOf(known.trust)) byName.set(name, identifier);
  }
  const all = [...byName.values()].sort(byTrustThenValue);
  return identifierTypes.flatMap((type) => all.filter((identifier) => identifier.type === type).slice(0, listed[type]));
}

function byTrustThenValue(one: Identifier, other: Identifier): number {
  return rankOf(other.trust) - rankOf(one.trust) || (one.value < other.value ? -1 : 1);
}

function rankOf(trust: Trust): number {
  return trusts.indexOf(trust);
}
