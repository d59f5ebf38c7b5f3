import * as z from 'zod';
import { identifierTypeSchema } from '../contracts/identifier.ts';
import type { TokenKeys } from '../contracts/source.ts';
import type { Clock } from '../platform/clock.ts';
import { createSignedTokens, type TokenKind } from './signedTokens.ts';

/** How long a link in a mail leads into its conversation, in milliseconds. */
export const resumeLifetimeMs = 48 * 60 * 60 * 1000;

const leafSchema = z.string().regex(/^[\w-]{22}$/);
const claimsSchema = z.object({
  jti: z.string().min(1).max(64),
  exp: z.number(),
  /** The leaf of the mailbox that the link was mailed to. */
  sub: leafSchema,
  /** Id of the message that the conversation is found by. */
  message: z.string().max(100),
  /** Ids of the answers that the mail brought. */
  answers: z.array(z.string().max(100)).max(50),
  leaf: leafSchema,
  type: identifierTypeSchema,
  /** Name of the source whose widget the conversation goes on in. */
  source: z.string().max(63),
  language: z.enum(['de', 'en']),
});

/** What a resume link leads to. */
export interface Resumption {
  /** Names the link: of all its uses one counts. */
  id: string;
  address: z.infer<typeof claimsSchema>['sub'];
  message: string;
  answers: string[];
  leaf: string;
  type: z.infer<typeof claimsSchema>['type'];
  source: string;
  language: 'de' | 'en';
}

/** Tokens of the links by which a mailbox goes on in a browser: signed, short-lived, and good for one use. */
export interface ResumeTokens {
  issue(resumption: Resumption, issuedAtMs: number): Promise<string>;
  /** Throws `unauthenticated` for a token that is forged, damaged, expired, or made for something else. */
  verify(token: string): Promise<Resumption & { expiresAtMs: number }>;
}

const kind: TokenKind<z.infer<typeof claimsSchema>> = {
  audience: 'resume',
  typ: 'resume+jwt',
  claims: claimsSchema,
  expires: true,
  fault: {
    code: 'unauthenticated',
    damaged: 'This link is damaged or was not made by us.',
    expired: 'This link has expired; please reply to the mail.',
  },
};

/** The first key signs and all verify. */
export function createResumeTokens(keys: TokenKeys, clock: Clock): ResumeTokens {
  const tokens = createSignedTokens(keys, kind);
  return {
    issue: ({ address, id, ...claims }, issuedAtMs) =>
      tokens.issue({ ...claims, sub: address, jti: id, exp: Math.floor((issuedAtMs + resumeLifetimeMs) / 1000) }),

    async verify(token) {
      const { exp, jti, sub, ...claims } = await tokens.verify(token, clock());
      return { ...claims, id: jti, address: sub, expiresAtMs: exp * 1000 };
    },
  };
}
