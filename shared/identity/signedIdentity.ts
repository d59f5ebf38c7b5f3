import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `userHash` is the hex HMAC-SHA256 of the user id under a source's identity secret, which only the company's
 * own server knows: whoever shows it was signed in there. The user id is signed exactly as sent. The comparison takes
 * the same time wherever the first difference lies; a malformed hash is a wrong one.
 */
export function isSignedUserId(identitySecret: string, userId: string, userHash: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(userHash)) return false;
  const expected = createHmac('sha256', identitySecret).update(userId).digest();
  return timingSafeEqual(expected, Buffer.from(userHash, 'hex'));
}
