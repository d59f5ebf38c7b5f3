import { connected, type People } from './identityModel.ts';
import { leafOf, type Stored } from './storedTable.ts';

/**
 * Ids of what somebody may read who is proven to be a person at a browser: what that browser and that person wrote, what
 * is proven to be the person's, and our answers to it. A browser leads to nobody else.
 */
export function visibleTo(
  { browser, person }: { browser: string; person: string },
  interactions: readonly Stored[],
  { edges, typeOf }: People,
): string[] {
  const proven = [...edges.values()].filter(({ isProven }) => isProven);
  const isBrowser = (leaf: string) => typeOf.get(leaf) === 'anonymousId';
  const persons = connected(
    proven.filter(({ a, b }) => !isBrowser(a) && !isBrowser(b)),
    person,
  );
  const theirs = proven.flatMap(({ a, b }) => [...(persons.has(a) ? [b] : []), ...(persons.has(b) ? [a] : [])]);
  const reach = new Set([browser, ...persons, ...theirs]);
  return interactions
    .filter(({ type }) => type === 'message.received' || type === 'message.sent')
    .filter((one) => reach.has(one.leaf) && reach.has(sideOf(one) ?? ''))
    .map(({ id }) => id);
}

/** Whose words they are, or whom they answer; undefined for a guest's. */
function sideOf({ channel, direction, identifiers, leaf, properties, trust }: Stored): string | undefined {
  if (properties.guest !== undefined) return undefined;
  if (direction === 'outbound') return String(properties.answersTo ?? leaf);
  const user = identifiers.find((one) => one.type === 'userId' && one.trust === 'proven');
  const isSigned = channel === 'web' && trust === 'proven' && user !== undefined;
  return isSigned ? leafOf('userId', user.value) : leaf;
}
