import * as z from 'zod';
import type { TokenKeys } from '../contracts/source.ts';
import type { Leaf } from '../identity/leaf.ts';
import { createSignedTokens, type TokenKind } from '../token/signedTokens.ts';
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

const kind: TokenKind<z.infer<typeof claimsSchema>> = {
  audience: 'unsubscribe',
  typ: 'unsubscribe+jwt',
  claims: claimsSchema,
  expires: false,
  fault: { code: 'invalid-request', damaged: 'This link is damaged or was not made by us.' },
};

/** The first key signs and all verify: a key that signed mails stays in the list for as long as they may be read. */
export function createUnsubscribeTokens(keys: TokenKeys): UnsubscribeTokens {
  const tokens = createSignedTokens(keys, kind);
  return {
    issue: ({ address, language, purpose }) => tokens.issue({ purpose, language, sub: address }),

    async verify(token) {
      const { language, purpose, sub } = await tokens.verify(token);
      return { address: sub, purpose, language };
    },
  };
}
