import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { trustSchema } from '../contracts/identifier.ts';
import type { TokenKeys } from '../contracts/source.ts';
import type { Clock } from '../platform/clock.ts';
import { PlatformError } from '../platform/errors.ts';

/** How long a session lasts, in milliseconds: a visitor's day. The widget then opens a new one. */
export const sessionLifetimeMs = 12 * 60 * 60 * 1000;

const visitorSchema = z.object({
  /** Name of the source whose page opened the session. */
  source: z.string(),
  anonymousId: z.string(),
  /** Who followed the link in a mail: the leaf of the mailbox, a message of the conversation, the answers in the mail. */
  resumed: z.object({ address: z.string(), message: z.string(), answers: z.array(z.string()) }).optional(),
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

const purpose = { audience: 'widget', typ: 'widget-session+jwt' };

/** The first key signs and all verify, so that a key can be replaced without ending anybody's session. */
export function createSessionTokens(keys: TokenKeys, clock: Clock): SessionTokens {
  const secrets = new Map(keys.map(({ kid, secret }) => [kid, Buffer.from(secret, 'utf8')]));
  const [signing] = secrets;
  if (signing === undefined) throw new RangeError('session tokens need a key');
  const [kid, secret] = signing;

  return {
    async issue(visitor) {
      const issuedAtSeconds = Math.floor(clock() / 1000);
      const expiresAtSeconds = issuedAtSeconds + sessionLifetimeMs / 1000;
      const token = await new SignJWT({ ...visitor })
        .setProtectedHeader({ alg: 'HS256', typ: purpose.typ, kid })
        .setAudience(purpose.audience)
        .setIssuedAt(issuedAtSeconds)
        .setExpirationTime(expiresAtSeconds)
        .sign(secret);
      return { token, expiresAtMs: expiresAtSeconds * 1000 };
    },

    async verify(token) {
      if (token === undefined) throw new PlatformError('unauthenticated', 'This request shows no session token.');
      try {
        const { payload } = await jwtVerify(token, (header) => keyOf(secrets, header.kid), {
          algorithms: ['HS256'],
          audience: purpose.audience,
          typ: purpose.typ,
          requiredClaims: ['exp'],
          currentDate: new Date(clock()),
        });
        return visitorSchema.parse(payload);
      } catch (cause) {
        if (cause instanceof errors.JWTExpired) {
          throw new PlatformError('unauthenticated', 'The session has expired; open a new one.', { cause });
        }
        if (!(cause instanceof errors.JOSEError || cause instanceof z.ZodError)) throw cause;
        throw new PlatformError('unauthenticated', 'The session token is not valid.', { cause });
      }
    },
  };
}

function keyOf(secrets: ReadonlyMap<string, Uint8Array>, kid: string | undefined): Uint8Array {
  const secret = kid === undefined ? undefined : secrets.get(kid);
  if (secret === undefined) throw new errors.JWKSNoMatchingKey();
  return secret;
}
