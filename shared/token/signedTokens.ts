import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import type { TokenKeys } from '../contracts/source.ts';
import { type ErrorCode, PlatformError } from '../platform/errors.ts';

/** What makes tokens of one kind: no other kind is taken for it. */
export interface TokenKind<T> {
  audience: string;
  /** Media type in the header, without `application/`. */
  typ: string;
  /** Of the whole payload; anything else is none of ours. */
  claims: z.ZodType<T>;
  /** Whether a token without an expiry is refused. */
  expires: boolean;
  /** What the bearer is told. */
  fault: { code: ErrorCode; damaged: string; expired?: string };
}

/** Tokens of one kind, signed by us and readable by their bearer (JWT, HS256). */
export interface SignedTokens<T> {
  issue(payload: JWTPayload): Promise<string>;
  /** Throws the kind's fault for a token that is forged, damaged, expired at that moment, or of another kind. */
  verify(token: string, nowMs?: number): Promise<T>;
}

/** The first key signs and all verify: a key that signed stays in the list for as long as its tokens may be shown. */
export function createSignedTokens<T>(keys: TokenKeys, kind: TokenKind<T>): SignedTokens<T> {
  const { audience, claims, expires, fault, typ } = kind;
  const secrets = new Map(keys.map(({ kid, secret }) => [kid, Buffer.from(secret, 'utf8')]));
  const [signing] = secrets;
  if (signing === undefined) throw new RangeError(`tokens for ${audience} need a key`);
  const [kid, secret] = signing;

  return {
    issue: (payload) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ, kid }).setAudience(audience).sign(secret),

    async verify(token, nowMs) {
      try {
        const { payload } = await jwtVerify(token, (header) => keyOf(secrets, header.kid), {
          algorithms: ['HS256'],
          audience,
          typ,
          ...(expires ? { requiredClaims: ['exp'] } : {}),
          ...(nowMs === undefined ? {} : { currentDate: new Date(nowMs) }),
        });
        return claims.parse(payload);
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError || cause instanceof z.ZodError)) throw cause;
        const isExpired = cause instanceof errors.JWTExpired;
        throw new PlatformError(fault.code, (isExpired ? fault.expired : undefined) ?? fault.damaged, { cause });
      }
    },
  };
}

function keyOf(secrets: ReadonlyMap<string, Uint8Array>, kid: string | undefined): Uint8Array {
  const secret = kid === undefined ? undefined : secrets.get(kid);
  if (secret === undefined) throw new errors.JWKSNoMatchingKey();
  return secret;
}
