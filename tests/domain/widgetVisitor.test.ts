import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../shared/contracts/source.ts';
import {
  type WidgetSessionRequest,
  widgetMessageRequestSchema,
  widgetSessionRequestSchema,
} from '../../shared/contracts/widget.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import type { Visitor } from '../../shared/widget/sessionToken.ts';
import { visitorOf } from '../../shared/widget/visitorOf.ts';
import { identifiedInteraction, receivedInteraction } from '../../shared/widget/widgetInteractions.ts';

const identitySecret = 'identity-secret-of-the-practice';
const website: Source = {
  kind: 'browser',
  name: 'website',
  keyHashes: ['0'.repeat(64)],
  scopes: ['widget:converse'],
  allowedOrigins: ['*'],
  identitySecret,
};
const userHash = createHmac('sha256', identitySecret).update('client-17').digest('hex');
const home = 'AAAAAAAAAAAAAAAAAAAAAA';
const identifiedBy = (leaf: string, visitor: Visitor, request: Pick<WidgetSessionRequest, 'claims' | 'language'>) =>
  identifiedInteraction(leaf, visitor, request, createParsePhone('DE'));

describe('a visitor', () => {
  it('is an anonymous browser without a user id', () => {
    expect(visitorOf(website, { anonymousId: 'b7a1' })).toEqual({ source: 'website', anonymousId: 'b7a1' });
  });

  it('only claims a user id without a hash', () => {
    expect(visitorOf(website, { anonymousId: 'b7a1', userId: 'client-17' })).toEqual({
      source: 'website',
      anonymousId: 'b7a1',
      user: { userId: 'client-17', trust: 'claimed' },
    });
  });

  it('proves a user id by its hash', () => {
    expect(visitorOf(website, { anonymousId: 'b7a1', userId: 'client-17', userHash }).user).toEqual({
      userId: 'client-17',
      trust: 'proven',
    });
  });

  it.each([
    ['a wrong hash', website, '0'.repeat(64)],
    ['an empty hash', website, ''],
    ['a malformed hash', website, 'not a hash'],
    ['a hash where the source has no secret', { ...website, identitySecret: undefined } as unknown as Source, userHash],
  ])('is refused with %s, without the reason or the id', (_, source, hash) => {
    expect(() => visitorOf(source, { anonymousId: 'b7a1', userId: 'client-17', userHash: hash })).toThrow(
      'forbidden: The userHash does not prove this userId.',
    );
  });
});

describe('what a session states', () => {
  const lena = { source: 'website', anonymousId: 'b7a1' };
  const user = { userId: 'client-17', trust: 'proven' } as const;

  it('is nothing for an anonymous browser without claims', () => {
    expect(identifiedBy(home, lena, {})).toBeUndefined();
    expect(identifiedBy(home, lena, { claims: {} })).toBeUndefined();
  });

  it('proves the signed user id and leaves everything beside it claimed', () => {
    const stated = identifiedBy(home, { ...lena, user }, { claims: { email: 'lena@example.com', name: 'Lena Vogt' } });
    expect(stated).toMatchObject({
      home,
      type: 'customer.identified',
      channel: 'web',
      direction: 'inbound',
      source: 'website',
      touchpoint: 'widget',
      trust: 'proven',
      identifiers: [
        { type: 'anonymousId', value: 'b7a1', trust: 'claimed' },
        { type: 'userId', value: 'client-17', trust: 'proven' },
        { type: 'email', value: 'lena@example.com', trust: 'claimed' },
      ],
      text: 'Identified by userId, email, name',
      properties: { traits: { email: 'lena@example.com', name: 'Lena Vogt' } },
    });
    expect(stated).not.toHaveProperty('clientTimeMs');
  });

  it('names a phone number as an identifier in any spelling; what is none stays a detail', () => {
    const stated = (phone: string) => identifiedBy(home, lena, { claims: { phone } });
    for (const spelling of ['+49 711 5550100', '0711 5550100', '0049 (0)711 555-0100']) {
      expect(stated(spelling)?.identifiers).toContainEqual({
        type: 'phone',
        value: '+497115550100',
        trust: 'claimed',
      });
    }
    expect(stated('1 2 3 4 5')?.identifiers).toEqual([{ type: 'anonymousId', value: 'b7a1', trust: 'claimed' }]);
    expect(stated('1 2 3 4 5')?.properties).toEqual({ traits: { phone: '1 2 3 4 5' } });
  });

  it('has the same message id whenever it is the same, whatever the order of its fields', () => {
    const first = identifiedBy(home, lena, {
      claims: { email: 'lena@example.com', name: 'Lena' },
      language: 'de',
    });
    const again = identifiedBy(home, lena, {
      language: 'de',
      claims: { name: 'Lena', email: 'lena@example.com' },
    });
    expect(first?.messageId).toMatch(/^session:[\w-]{43}$/);
    expect(again).toEqual(first);
  });

  it('has another message id when a claim, its trust or the browser differs', () => {
    const ids = [
      identifiedBy(home, lena, { language: 'de' }),
      identifiedBy(home, lena, { language: 'en' }),
      identifiedBy(home, { ...lena, anonymousId: 'c8b2' }, { language: 'de' }),
      identifiedBy(home, { ...lena, user }, { language: 'de' }),
      identifiedBy(home, { ...lena, user: { ...user, trust: 'claimed' } }, { language: 'de' }),
    ].map((stated) => stated?.messageId);
    expect(new Set(ids).size).toBe(5);
  });
});

describe('a chat message', () => {
  it('keeps the browser time, the id and the words as the visitor sent them', () => {
    const request = { messageId: 'm-1', text: 'Minka limps.', sentAt: '2026-03-02T10:15:30.123+01:00' };
    expect(receivedInteraction(home, { source: 'website', anonymousId: 'b7a1' }, request)).toEqual({
      home,
      messageId: 'm-1',
      clientTimeMs: 1_772_442_930_123,
      type: 'message.received',
      channel: 'web',
      direction: 'inbound',
      source: 'website',
      touchpoint: 'widget',
      trust: 'claimed',
      identifiers: [{ type: 'anonymousId', value: 'b7a1', trust: 'claimed' }],
      text: 'Minka limps.',
      properties: {},
    });
  });

  it.each([
    ['before 1970', '1969-12-31T23:59:59Z'],
    ['after 5188', '9999-01-01T00:00:00Z'],
    ['on a day that does not exist', '2026-02-30T10:00:00Z'],
    ['without a zone', '2026-03-02T10:15:30'],
    ['in words', 'yesterday'],
  ])('sent %s is refused', (_, sentAt) => {
    const result = widgetMessageRequestSchema.safeParse({ messageId: 'm-1', text: 'Minka limps.', sentAt });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['sentAt']]);
  });

  it.each([
    ['nothing', ''],
    ['spaces only', ' \n '],
    ['more than 10,000 characters', 'x'.repeat(10_001)],
  ])('of %s is refused', (_, text) => {
    const sentAt = '2026-03-02T10:15:30Z';
    expect(widgetMessageRequestSchema.safeParse({ messageId: 'm-1', text, sentAt }).success).toBe(false);
  });
});

describe('a request for a session', () => {
  it.each([
    'null',
    'undefined',
    'anonymous',
    '-1',
    '0',
    '00000000-0000-0000-0000-000000000000',
    '[object Object]',
    '  ',
  ])('with the id "%s", which many browsers would share, is refused', (anonymousId) => {
    const result = widgetSessionRequestSchema.safeParse({ anonymousId });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['anonymousId']]);
  });

  it('with a hash and no user id is refused', () => {
    expect(widgetSessionRequestSchema.safeParse({ anonymousId: 'b7a1', userHash }).error?.issues).toMatchObject([
      { path: ['userId'], message: 'expected beside userHash' },
    ]);
  });

  it.each([
    ['email', 'lena'],
    ['email', 'lena @example.com'],
    ['phone', 'call me'],
    ['phone', '12'],
    ['name', ' '],
  ])('with the %s "%s" is refused', (field, value) => {
    const result = widgetSessionRequestSchema.safeParse({ anonymousId: 'b7a1', claims: { [field]: value } });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['claims', field]]);
  });

  it('accepts what people write: umlauts, spaces, brackets', () => {
    const claims = { email: 'jürgen@müller.example', phone: '+49 (0)711 / 555-0100', name: 'Jürgen Müller' };
    expect(widgetSessionRequestSchema.parse({ anonymousId: 'b7a1', claims, language: 'de-AT' }).claims).toEqual(claims);
  });

  it('answers at once whatever is sent for an address', () => {
    const startedAt = performance.now();
    const email = `a@${'.'.repeat(1_000_000)} `;
    expect(widgetSessionRequestSchema.safeParse({ anonymousId: 'b7a1', claims: { email } }).success).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
