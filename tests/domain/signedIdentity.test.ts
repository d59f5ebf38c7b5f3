import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSignedUserId } from '../../shared/identity/signedIdentity.ts';

const secret = 'identity-secret-of-the-practice';
// echo -n 'client-17' | openssl dgst -sha256 -hmac identity-secret-of-the-practice
const signature = '7b91b0c54fd8e26d58f4177c4126c1e264bbe5de6709b3949cfc681b3ff0311b';

describe('a signed user id', () => {
  it('is proven by the hash that the documented command prints', () => {
    expect(isSignedUserId(secret, 'client-17', signature)).toBe(true);
    expect(isSignedUserId(secret, 'client-17', signature.toUpperCase())).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['cut short', signature.slice(0, 62)],
    ['longer than a hash', `${signature}00`],
    ['not hex', 'z'.repeat(64)],
    ['with a digit changed', `0${signature.slice(1)}`],
    ['for another user', createHmac('sha256', secret).update('client-18').digest('hex')],
    ['under another secret', createHmac('sha256', 'another-secret-entirely').update('client-17').digest('hex')],
    ['in base64', Buffer.from(signature, 'hex').toString('base64')],
  ])('is refused with a hash that is %s', (_, hash) => {
    expect(isSignedUserId(secret, 'client-17', hash)).toBe(false);
  });

  it('is proven by its own hash and by no other text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (userId, other) => {
        const hash = createHmac('sha256', secret).update(userId).digest('hex');
        expect(isSignedUserId(secret, userId, hash)).toBe(true);
        expect(isSignedUserId(secret, userId, other)).toBe(false);
      }),
    );
  });
});
