import fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { PlatformError } from '../../shared/platform/errors.ts';
import { createSessionTokens, type Visitor } from '../../shared/widget/sessionToken.ts';

const openedAtMs = Date.parse('2026-03-02T09:00:00.000Z');
const twelveHoursMs = 43_200_000;
const march = { kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' };
const april = { kid: 'april', secret: 'another-secret-of-at-least-32-bytes!!' };
const lena: Visitor = { source: 'website', anonymousId: 'b7a1', user: { userId: 'client-17', trust: 'proven' } };

const at = (timeMs: number, keys = [march]) => createSessionTokens(keys, () => timeMs);
const refusal = async (token: string | undefined, tokens = at(openedAtMs)): Promise<PlatformError> => {
  const error = await tokens.verify(token).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof PlatformError) return error;
  throw new Error('the token was not refused', { cause: error });
};
const sign = (payload: Record<string, unknown>, header: Record<string, unknown> = {}, secret = march.secret) =>
  new SignJWT({ aud: 'widget', exp: openedAtMs / 1000 + 60, source: 'website', anonymousId: 'b7a1', ...payload })
    .setProtectedHeader({ alg: 'HS256', typ: 'widget-session+jwt', kid: 'march', ...header })
    .sign(Buffer.from(secret));

describe('a widget session token', () => {
  it('brings back the visitor whom it was issued to', async () => {
    const { token, expiresAtMs } = await at(openedAtMs).issue(lena);
    expect(new Date(expiresAtMs).toISOString()).toBe('2026-03-02T21:00:00.000Z');
    expect(await at(openedAtMs).verify(token)).toEqual(lena);
  });

  it('lasts twelve hours and not a second longer', async () => {
    const { token } = await at(openedAtMs).issue(lena);
    expect(await at(openedAtMs + twelveHoursMs - 1000).verify(token)).toEqual(lena);
    expect(await refusal(token, at(openedAtMs + twelveHoursMs))).toMatchObject({
      code: 'unauthenticated',
      publicText: 'The session has expired; open a new one.',
    });
  });

  it('survives the rotation of keys until its key is removed', async () => {
    const { token } = await at(openedAtMs, [march]).issue(lena);
    expect(await at(openedAtMs, [april, march]).verify(token)).toEqual(lena);
    expect(await refusal(token, at(openedAtMs, [april]))).toMatchObject({ code: 'unauthenticated' });
  });

  it('is signed with the first key', async () => {
    const { token } = await at(openedAtMs, [april, march]).issue(lena);
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'widget-session+jwt',
      kid: 'april',
    });
  });

  it('is refused when missing', async () => {
    expect(await refusal(undefined)).toMatchObject({ code: 'unauthenticated' });
  });

  it('is accepted in the plain form that these forgeries vary', async () => {
    expect(await at(openedAtMs).verify(await sign({}))).toEqual({ source: 'website', anonymousId: 'b7a1' });
  });

  it.each<[string, () => Promise<string>]>([
    ['was signed with another secret', () => sign({}, {}, april.secret)],
    ['names an unknown key', () => sign({}, { kid: 'may' })],
    ['names no key', () => sign({}, { kid: undefined })],
    ['was made for another audience', () => sign({ aud: 'unsubscribe' })],
    ['is of another type', () => sign({}, { typ: 'JWT' })],
    ['never expires', () => sign({ exp: undefined })],
    ['names no browser', () => sign({ anonymousId: undefined })],
    ['asserts more trust than a widget can give', () => sign({ user: { userId: 'client-17', trust: 'asserted' } })],
    [
      'is unsigned',
      async () => {
        const [, payload = ''] = (await sign({})).split('.');
        return `${Buffer.from('{"alg":"none","kid":"march","typ":"widget-session+jwt"}').toString('base64url')}.${payload}.`;
      },
    ],
    [
      'had its visitor exchanged',
      async () => {
        const [header = '', payload = '', signature = ''] = (await sign({})).split('.');
        const changed = Buffer.from(payload, 'base64url').toString().replace('b7a1', 'c8b2');
        return `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`;
      },
    ],
  ])('is refused when it %s', async (_, forge) => {
    expect(await refusal(await forge())).toMatchObject({
      code: 'unauthenticated',
      publicText: 'The session token is not valid.',
    });
  });

  it('is never any other text', async () => {
    const { token } = await at(openedAtMs).issue(lena);
    const parts = token.split('.');
    const nearMisses = fc
      .tuple(fc.nat({ max: 2 }), fc.string())
      .map(([index, part]) => parts.map((own, position) => (position === index ? part : own)).join('.'))
      .filter((text) => text !== token);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), nearMisses), async (text) => {
        expect(await refusal(text)).toMatchObject({ code: 'unauthenticated' });
      }),
    );
  });

  it('carries any ids, also those that are no well-formed text', async () => {
    const text = fc.string({ unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    await fc.assert(
      fc.asyncProperty(text, text, async (anonymousId, userId) => {
        const visitor: Visitor = { source: 'website', anonymousId, user: { userId, trust: 'claimed' } };
        const { token } = await at(openedAtMs).issue(visitor);
        expect(await at(openedAtMs).verify(token)).toEqual(visitor);
      }),
    );
  });
});
