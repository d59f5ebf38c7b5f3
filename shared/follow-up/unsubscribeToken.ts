import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import type { TokenKeys } from '../contracts/source.ts';
import type { Leaf } from '../identity/leaf.ts';
import { PlatformError } from '../platform/errors.ts';
import type { TemplateLanguage } from './templates/template.ts';

const claimsSchema = z.object({
  sub: z.string().regex(/^[\w-]{22}$/),
  purpose: z.string().min(1).max(64),
  language: z.enum(['de', 'en']),
});

/** Who objects to what. */
export interface Objection {
  address: Leaf;
  purpose: string;
  /** Of the mail, for the page. */
  language: TemplateLanguage;
}

/** Tokens of unsubscribe links: signed, without an address in them, and good for ever, as an old mail's link must be. */
export interface UnsubscribeTokens {
  issue(objection: Objection): Promise<string>;
  /** Throws `invalid-request` for a token that is forged, damaged, or made for something else. */
  verify(token: string): Promise<Objection>;
}

const made = { audience: 'unsubscribe', typ: 'unsubscribe+jwt' };

/** The first key signs and all verify: a key that signed mails stays in the list for as long as they may be read. */
export function createUnsubscribeTokens(keys: TokenKeys): UnsubscribeTokens {
  const secrets = new Map(keys.map(({ kid, secret }) => [kid, Buffer.from(secret, 'utf8')]));
  const [signing] = secrets;
  if (signing === undefined) throw new RangeError('unsubscribe tokens need a key');
  const [kid, secret] = signing;

  return {
    issue: ({ address, language, purpose }) =>
      new SignJWT({ purpose, language })
        .setProtectedHeader({ alg: 'HS256', typ: made.typ, kid })
        .setAudience(made.audience)
        .setSubject(address)
        .sign(secret),

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, (header) => keyOf(secrets, header.kid), {
          algorithms: ['HS256'],
          audience: made.audience,
          typ: made.typ,
        });
        const { language, purpose, sub } = claimsSchema.parse(payload);
        return { address: sub, purpose, language };
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError || cause instanceof z.ZodError)) throw cause;
        throw new PlatformError('invalid-request', 'This link is damaged or was not made by us.', { cause });
      }
    },
  };
}

function keyOf(secrets: ReadonlyMap<string, Uint8Array>, kid: string | undefined): Uint8Array {
  const secret = kid === undefined ? undefined : secrets.get(kid);
  if (secret === undefined) throw new errors.JWKSNoMatchingKey();
  return secret;
}
