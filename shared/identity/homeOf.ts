import type { LeafOwner } from './leaf.ts';

/**
 * Whose leaf keeps a website's or server's message. It depends on the kind of source and on the message as created,
 * never on trust, tokens or configuration: a browser's retry may carry a `userId` that its first try lacked, and must
 * find the same leaf. A browser's message with only a `userId` is anybody's claim and stays apart from the real leaf.
 * Undefined where the message names nobody.
 */
export function homeOf(
  kind: 'browser' | 'server',
  { userId, anonymousId }: { userId?: string | undefined; anonymousId?: string | undefined },
): LeafOwner | undefined {
  const anonymous: LeafOwner | undefined = anonymousId ? { type: 'anonymousId', value: anonymousId } : undefined;
  const user: LeafOwner | undefined = userId ? { type: 'userId', value: userId } : undefined;
  if (kind === 'server') return user ?? anonymous;
  return anonymous ?? (user && { ...user, claimed: true });
}
