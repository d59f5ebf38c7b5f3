import { describe, expect, test } from 'vitest';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { parseEvent } from '../../shared/segment/parseEvent.ts';
import { toInteraction } from '../../shared/segment/toInteraction.ts';

const website = { name: 'website', kind: 'browser' } as const;
const backend = { name: 'shop-backend', kind: 'server' } as const;

function mapped(event: Record<string, unknown>, source: typeof website | typeof backend = website) {
  const outcome = parseEvent({ anonymousId: 'visitor-1', ...event });
  if (!('event' in outcome)) throw new Error(JSON.stringify(outcome.issues));
  return toInteraction(outcome.event, source, createParsePhone('DE'));
}

test('a page view keeps its page, its words and what the browser told of itself, but neither address nor envelope', () => {
  expect(
    mapped({
      type: 'page',
      name: 'Vaccinations',
      messageId: 'ajs-next-1',
      timestamp: '2026-03-12T08:59:00.000Z',
      sentAt: '2026-03-12T08:59:01.000Z',
      writeKey: 'practice-website-key',
      integrations: { 'Segment.io': true },
      _metadata: { bundled: ['Segment.io'] },
      properties: { path: '/vaccinations', title: 'Vaccinations for cats', name: 'Vaccinations' },
      context: {
        ip: '203.0.113.9',
        page: { path: '/vaccinations', search: '?utm_source=news' },
        locale: 'de-DE',
        timezone: 'Europe/Berlin',
        campaign: { source: 'news' },
        userAgent: 'Mozilla/5.0',
        library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
      },
    }),
  ).toEqual({
    type: 'page.viewed',
    channel: 'web',
    direction: 'inbound',
    source: 'website',
    touchpoint: '/vaccinations',
    trust: 'claimed',
    identifiers: [{ type: 'anonymousId', value: 'visitor-1', trust: 'claimed' }],
    text: 'Viewed Vaccinations for cats',
    properties: { path: '/vaccinations', title: 'Vaccinations for cats', name: 'Vaccinations' },
    context: {
      page: { path: '/vaccinations', search: '?utm_source=news' },
      locale: 'de-DE',
      timezone: 'Europe/Berlin',
      campaign: { source: 'news' },
      userAgent: 'Mozilla/5.0',
      library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
    },
    messageId: 'ajs-next-1',
    clientTimeMs: 1773305940000,
  });
});

describe('type', () => {
  test.each([
    ['page', {}, 'page.viewed'],
    ['screen', {}, 'screen.viewed'],
    ['identify', {}, 'customer.identified'],
    ['group', { groupId: 'cat-owners' }, 'group.joined'],
    ['alias', { previousId: 'visitor-0' }, 'customer.aliased'],
    ['track', { event: 'Order Completed' }, 'order.completed'],
    ['track', { event: 'order completed ' }, 'order.completed'],
    ['track', { event: 'Order Updated' }, 'order.updated'],
    ['track', { event: 'Order Refunded' }, 'order.refunded'],
    ['track', { event: 'Order Cancelled' }, 'order.cancelled'],
    ['track', { event: 'Checkout Started' }, 'checkout.started'],
    ['track', { event: 'Product Reviewed' }, 'product.reviewed'],
    ['track', { event: 'Product Viewed' }, 'event.tracked'],
    ['track', { event: '__proto__' }, 'event.tracked'],
    ['track', { event: 'constructor' }, 'event.tracked'],
  ])('of a %s call with %j is frozen', (type, fields, expected) => {
    expect(mapped({ type, ...fields }).type).toBe(expected);
  });
});

describe('identifiers', () => {
  const types = (event: Record<string, unknown>) =>
    mapped(event, backend).identifiers.map(({ type, value }) => [type, value]);

  test('a server asserts, a browser claims', () => {
    const event = {
      type: 'identify',
      userId: 'cust-17',
      traits: { email: ' Lena@Example.com ', phone: '+49 30 1234567' },
    };
    expect(mapped(event, backend).identifiers).toEqual([
      { type: 'anonymousId', value: 'visitor-1', trust: 'asserted' },
      { type: 'userId', value: 'cust-17', trust: 'asserted' },
      { type: 'email', value: 'Lena@Example.com', trust: 'asserted' },
      { type: 'phone', value: '+49301234567', trust: 'asserted' },
    ]);
    expect(new Set(mapped(event, website).identifiers.map(({ trust }) => trust))).toEqual(new Set(['claimed']));
  });

  test('come also from the traits in the context, but never from those of a group', () => {
    const context = { traits: { email: 'lena@example.com' } };
    expect(types({ type: 'track', event: 'Vaccination Booked', context })).toContainEqual([
      'email',
      'lena@example.com',
    ]);
    expect(types({ type: 'group', groupId: 'g', traits: { email: 'office@example.com' } })).toEqual([
      ['anonymousId', 'visitor-1'],
    ]);
  });

  test.each([
    { email: 'lena' },
    { email: 'lena@localhost' },
    { email: 'a b@example.com' },
    { email: 17 },
    { email: `${'x'.repeat(250)}@example.com` },
    { phone: '112' },
    { phone: 'anonymous' },
    { phone: '+12' },
    { phone: '+49 30 12345678901234567' },
    { phone: 'call me' },
    { phone: null },
  ])('leave out %j', (traits) => {
    expect(types({ type: 'identify', traits })).toEqual([['anonymousId', 'visitor-1']]);
  });
});

describe('properties', () => {
  test("keep a tracked event's name, and what the sender had under the same name moves aside", () => {
    expect(mapped({ type: 'track', event: 'Clinic Opened', properties: { event: 'x', seats: 3 } }).properties).toEqual({
      event: 'Clinic Opened',
      'properties.event': 'x',
      seats: 3,
    });
  });

  test('of an order are as sent', () => {
    const properties = {
      order_id: 'o-1',
      revenue: 25,
      currency: 'EUR',
      products: [{ name: 'Flea collar', price: 25 }],
    };
    expect(mapped({ type: 'track', event: 'Order Completed', properties }).properties).toEqual(properties);
  });

  test('hold traits, group, previous id, name and category of the other calls', () => {
    expect(mapped({ type: 'identify', traits: { name: 'Lena' } }).properties).toEqual({ traits: { name: 'Lena' } });
    expect(mapped({ type: 'group', groupId: 7, traits: { name: 'Cat owners' } }).properties).toEqual({
      groupId: '7',
      traits: { name: 'Cat owners' },
    });
    expect(mapped({ type: 'alias', userId: 'cust-17', previousId: 'visitor-0' }).properties).toEqual({
      previousId: 'visitor-0',
    });
    expect(mapped({ type: 'screen', name: 'Main', category: 'Home' }).properties).toEqual({
      name: 'Main',
      category: 'Home',
    });
  });
});

describe('touchpoint', () => {
  test.each([
    [{ type: 'page', properties: { path: '/a?token=1' } }, '/a'],
    [{ type: 'page', properties: { url: 'https://vet.example/b/c?x=1#y' } }, '/b/c'],
    [{ type: 'track', event: 'e', properties: { path: '/not-a-page' }, context: { page: { path: '/d' } } }, '/d'],
    [{ type: 'track', event: 'e', context: { page: { url: 'https://vet.example/e?x=1' } } }, '/e'],
    [{ type: 'track', event: 'e', context: { library: { name: 'analytics-node' } } }, 'analytics-node'],
    [{ type: 'track', event: 'e', context: { page: 'x', library: 3 } }, 'website'],
    [{ type: 'page', properties: { path: 'no path', url: '' } }, 'website'],
  ])('of %j is %s', (event, touchpoint) => {
    expect(mapped(event).touchpoint).toBe(touchpoint);
  });
});

describe('text', () => {
  test.each([
    [{ type: 'page', properties: { title: 'Opening hours' } }, 'Viewed Opening hours'],
    [{ type: 'page', context: { page: { title: 'Prices' } } }, 'Viewed Prices'],
    [{ type: 'page', name: 'Cart' }, 'Viewed Cart'],
    [{ type: 'page', properties: { path: '/cart' } }, 'Viewed /cart'],
    [{ type: 'screen' }, 'Viewed a screen'],
    [
      { type: 'identify', traits: { email: 'lena@example.com', name: 'Lena', phone: null } },
      'Identified by email, name',
    ],
    [{ type: 'identify' }, 'Identified'],
    [{ type: 'group', groupId: 'g1', traits: { name: 'Cat owners' } }, 'Joined Cat owners'],
    [{ type: 'group', groupId: 'g1' }, 'Joined g1'],
    [{ type: 'alias', userId: 'cust-17', previousId: 'visitor-0' }, 'Known as cust-17, before as visitor-0'],
    [{ type: 'track', event: 'Vaccination\n Booked' }, 'Vaccination Booked'],
    [
      {
        type: 'track',
        event: 'Order Completed',
        properties: { total: '27.5', revenue: 25, currency: 'eur', products: [{ name: 'Flea collar' }, {}, null] },
      },
      'Order Completed: EUR 27.50, Flea collar',
    ],
    [
      { type: 'track', event: 'Order Completed', properties: { revenue: 1200, currency: 'JPY' } },
      'Order Completed: JPY 1,200',
    ],
    [
      { type: 'track', event: 'Order Completed', properties: { revenue: 9.9, currency: 'money' } },
      'Order Completed: 9.90',
    ],
    [{ type: 'track', event: 'Order Refunded', properties: { total: 1e300 / 1e-300 } }, 'Order Refunded'],
  ])('of %j is "%s"', (event, text) => {
    expect(mapped(event).text).toBe(text);
  });

  test('is one line of at most 200 characters and never cuts a character in half', () => {
    const text = mapped({ type: 'track', event: `${'x'.repeat(198)}🐈🐈` }).text ?? '';
    expect(text).toBe(`${'x'.repeat(198)}…`);
    expect(text.isWellFormed()).toBe(true);
  });
});
