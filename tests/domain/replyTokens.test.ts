import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { fromBase32, toBase32 } from '../../shared/token/base32.ts';
import { replyAddressOf, replyTokenIn, withoutReplyToken } from '../../shared/token/replyAddress.ts';
import { createReplyTokens } from '../../shared/token/replyToken.ts';

const march = { kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' };
const april = { kid: 'april', secret: 'another-secret-of-at-least-32-bytes!!' };
const domain = 'inbound.throughline.example';

describe('a reply address', () => {
  const tokens = createReplyTokens([march]);
  const { name, token } = tokens.issue('send-1');

  test('has at most 64 characters before the @, and is read in upper and lower case', () => {
    const address = replyAddressOf(token, domain);
    expect(address.indexOf('@')).toBe(54);
    for (const spelt of [address, address.toUpperCase(), address.replace('r', 'R')]) {
      expect(tokens.verify(replyTokenIn(spelt, domain) ?? '')).toBe(name);
    }
  });

  test('is the same for the same mail, and another one for another mail', () => {
    expect(tokens.issue('send-1')).toEqual({ name, token });
    expect(tokens.issue('send-2').name).not.toBe(name);
  });

  test('stays good when the keys are rotated, and ends with the last key that signed it', () => {
    expect(createReplyTokens([april, march]).verify(token)).toBe(name);
    expect(createReplyTokens([april]).verify(token)).toBeUndefined();
  });

  test('is refused with any character changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 47 }),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
        (at, other) => {
          fc.pre(token.charAt(at) !== other);
          expect(tokens.verify(token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
        },
      ),
    );
  });

  test.each(['', 'x', '0189', 'ä'.repeat(48), 'a'.repeat(47), 'a'.repeat(49), `${'a'.repeat(48)}+b`])(
    'is not made of %j',
    (text) => {
      expect(tokens.verify(text)).toBeUndefined();
    },
  );

  test('is no token for anything else, and no other token is one', async () => {
    const unsubscribing = createUnsubscribeTokens([march]);
    const objection = { address: 'A'.repeat(22), purpose: 'service-recovery', language: 'de' } as const;
    expect(tokens.verify(await unsubscribing.issue(objection))).toBeUndefined();
    await expect(unsubscribing.verify(token)).rejects.toThrow('invalid-request');
  });

  test('of another domain, of another mailbox or without a token is none', () => {
    expect(replyTokenIn(`reply+${token}@elsewhere.example`, domain)).toBeUndefined();
    expect(replyTokenIn(`praxis+${token}@${domain}`, domain)).toBeUndefined();
    expect(replyTokenIn(`reply@${domain}`, domain)).toBeUndefined();
    expect(replyTokenIn(`reply+x@${domain}`, domain)).toBe('x');
  });

  test('is shown without what it is bound to', () => {
    expect(withoutReplyToken(replyAddressOf(token, domain))).toBe(`reply@${domain}`);
    expect(withoutReplyToken(`lena+cats@example.com`)).toBe('lena+cats@example.com');
  });
});

test('base32 gives every byte back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(fromBase32(toBase32(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
  expect(toBase32(Buffer.from('foobar'))).toBe('mzxw6ytboi');
});
