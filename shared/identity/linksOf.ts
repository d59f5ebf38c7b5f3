import { type IdentifierType, identifierTypes } from '../contracts/identifier.ts';
import type { Interaction } from '../contracts/interaction.ts';
import type { LinkTrust } from './identityNode.ts';
import { isJunkIdentifier } from './isJunkIdentifier.ts';

/** An identifier within a statement that it belongs to the same customer as another one. */
export interface StatedIdentifier {
  type: IdentifierType;
  value: string;
}

/** Which rule makes a link of a statement. */
export type LinkReason = 'stated-by-server' | 'signed-user-id';

export interface StatedLink {
  a: StatedIdentifier;
  b: StatedIdentifier;
  trust: LinkTrust;
  reason: LinkReason;
}

/**
 * What an interaction states about who is who:
 * - a server key asserts that the identifiers in one event belong together;
 * - a signed user id proves that the browser which shows it is that user's; what else the browser says is its claim;
 * - nothing else links by itself: not a browser's claims, not mail, calls or answers, not what the platform notes.
 * The most authoritative identifier is linked to each of the others. Junk values link nothing.
 */
export function linksOf(
  interaction: Pick<Interaction, 'type' | 'channel' | 'direction' | 'trust' | 'identifiers'>,
): StatedLink[] {
  const { channel, direction, trust, type } = interaction;
  if (trust === 'claimed' || channel !== 'web' || direction !== 'inbound' || type.startsWith('identity.')) return [];
  const identifiers = interaction.identifiers
    .filter((one) => one.trust === trust || (trust === 'proven' && one.type === 'anonymousId'))
    .filter((one) => !isJunkIdentifier(one.type, one.value))
    .sort((one, other) => identifierTypes.indexOf(one.type) - identifierTypes.indexOf(other.type));
  const [first, ...others] = identifiers.map(({ type, value }) => ({ type, value }));
  if (first === undefined) return [];
  const reason = trust === 'proven' ? 'signed-user-id' : 'stated-by-server';
  return others.map((other) => ({ a: first, b: other, trust, reason }));
}
