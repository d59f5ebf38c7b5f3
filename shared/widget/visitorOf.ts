import type { Source } from '../contracts/source.ts';
import type { WidgetSessionRequest } from '../contracts/widget.ts';
import { homeOf } from '../identity/homeOf.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { isSignedUserId } from '../identity/signedIdentity.ts';
import { PlatformError } from '../platform/errors.ts';
import type { Visitor } from './sessionToken.ts';

/**
 * Who asks for a session. A user id is proven by its hash and claimed without one; a wrong hash is refused, since
 * treating it as absent would let a broken page pass for a working one.
 */
export function visitorOf(source: Source, { anonymousId, userId, userHash }: WidgetSessionRequest): Visitor {
  const visitor = { source: source.name, anonymousId };
  if (userId === undefined) return visitor;
  if (userHash === undefined) return { ...visitor, user: { userId, trust: 'claimed' } };
  if (source.identitySecret === undefined || !isSignedUserId(source.identitySecret, userId, userHash)) {
    throw new PlatformError('forbidden', 'The userHash does not prove this userId.');
  }
  return { ...visitor, user: { userId, trust: 'proven' } };
}

/** The leaf that keeps what the visitor writes: the browser's, signed in or not. */
export function homeOfVisitor(leafOf: LeafOf, { anonymousId }: Visitor): Leaf {
  const owner = homeOf('browser', { anonymousId });
  if (owner === undefined) throw new TypeError('a visitor has an anonymousId');
  return leafOf(owner);
}
