import * as z from 'zod';
import { identifierTypeSchema, trustSchema } from '../contracts/identifier.ts';
import type { TokenKeys } from '../contracts/source.ts';
import type { Clock } from '../platform/clock.ts';
import { PlatformError } from '../platform/errors.ts';
import { createSignedTokens, type TokenKind } from '../token/signedTokens.ts';

/** How long a session lasts, in milliseconds: a visitor's day. The widget then opens a new one. */
export const sessionLifetimeMs = 12 * 60 * 60 * 1000;

const visitorSchema = z.object({
  /** Name of the source whose page opened the session. */
  source: z.string(),
  anonymousId: z.string(),
  /**
   * Who followed the link in a mail: the leaf of the mailbox, a message of the conversation, the answers in the mail,
   * and to whose side of the conversation they were given.
   */
  resumed: z
    .object({
      address: z.string(),
      message: z.string(),
      answers: z.array(z.string()),
      side: z.object({ leaf: z.string(), type: identifierTypeSchema }).optional(),
    })
    .optional(),
  user: z.object({ userId: z.string(), trust: trustSchema.exclude(['asserted']) }).optional(),
});

/** Who writes in a widget: a browser, and the user who is signed in there as far as that is claimed or proven. */
export type Visitor = z.infer<typeof visitorSchema>;

/** Session tokens: signed by us, readable by their bearer, good for the widget's routes and nothing else. */
export interface SessionTokens {
  issue(visitor: Visitor): Promise<{ token: string; expiresAtMs: number }>;
  /** Throws `unauthenticated` for a token that is missing, forged, expired, or made for something else. */
  verify(token: string | undefined): Promise<Visitor>;
}

const kind: TokenKind<Visitor> = {
  audience: 'widget',
  typ: 'widget-session+jwt',
  claims: visitorSchema,
  expires: true,
  fault: {
    code: 'unauthenticated',
    damaged: 'The session token is not valid.',
    expired: 'The session has expired; open a new one.',
  },
};

/** The first key signs and all verify, so that a key can be replaced without ending anybody's session. */
export function createSessionTokens(keys: TokenKeys, clock: Clock): SessionTokens {
  const tokens = createSignedTokens(keys, kind);
  return {
    async issue(visitor) {
      const issuedAtSeconds = Math.floor(clock() / 1000);
      const expiresAtSeconds = issuedAtSeconds + sessionLifetimeMs / 1000;
      const token = await tokens.issue({ ...visitor, iat: issuedAtSeconds, exp: expiresAtSeconds });
      return { token, expiresAtMs: expiresAtSeconds * 1000 };
    },

    async verify(token) {
      if (token === undefined) throw new PlatformError('unauthenticated', 'This request shows no session token.');
      return tokens.verify(token, clock());
    },
  };
}
