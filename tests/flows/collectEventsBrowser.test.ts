import { beforeAll, expect, test } from 'vitest';
import { type EventsApi, startEventsApi, websiteKey, websiteOrigin } from '../support/eventsApi.ts';

/*
 * What Segment's browser SDK (analytics-next) sends, in its own shape: text/plain against preflights, the key twice,
 * a `userId` that is null before anybody is known, its envelope beside the event.
 */

let api: EventsApi;
beforeAll(async () => {
  api = await startEventsApi();
});

const envelope = (messageId: string) => ({
  timestamp: '2026-03-12T08:59:30.657Z',
  integrations: { 'Segment.io': true },
  context: {
    page: {
      path: '/vaccinations',
      referrer: 'https://search.example/',
      search: '?utm_source=news',
      title: 'Vaccinations',
      url: 'https://vet.example/vaccinations?utm_source=news',
    },
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    locale: 'de-DE',
    library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
    campaign: { source: 'news' },
    timezone: 'Europe/Berlin',
  },
  messageId,
  writeKey: websiteKey,
  sentAt: '2026-03-12T08:59:30.697Z',
  _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
});

async function send(call: string, body: unknown, retryCount?: number): Promise<unknown> {
  const answer = await fetch(`${api.url}/v1/${call}`, {
    method: 'POST',
    headers: {
      'content-type': 'text/plain',
      authorization: `Basic ${Buffer.from(`${websiteKey}:`).toString('base64')}`,
      origin: websiteOrigin,
      ...(retryCount === undefined ? {} : { 'x-retry-count': String(retryCount) }),
    },
    body: JSON.stringify(body),
  });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, websiteOrigin]);
  return answer.json();
}

test("a visitor's calls land on the visitor's leaf in their order, each with what the page said", async () => {
  const anonymousId = 'visitor-in-order';
  const at = (second: number) => ({ timestamp: `2026-03-12T08:59:0${second}.000Z`, anonymousId });
  await send('p', { ...envelope('o1'), ...at(1), type: 'page', name: 'Vaccinations', userId: null, properties: {} });
  await send('i', { ...envelope('o2'), ...at(2), type: 'identify', userId: 'cust-17', traits: { name: 'Lena' } });
  await send('t', { ...envelope('o3'), ...at(3), type: 'track', userId: 'cust-17', event: 'Slot Chosen' });
  await send('g', { ...envelope('o4'), ...at(4), type: 'group', userId: 'cust-17', groupId: 'cats', traits: {} });
  await send('a', { ...envelope('o5'), ...at(5), type: 'alias', userId: 'cust-17', previousId: 'cust-16' });
  await send('s', { ...envelope('o6'), ...at(6), type: 'screen', userId: 'cust-17', name: 'Main', properties: {} });
  const stored = await api.read({ type: 'anonymousId', value: anonymousId });
  expect(stored.map(({ text, touchpoint, type }) => [type, text, touchpoint])).toEqual([
    ['page.viewed', 'Viewed Vaccinations', '/vaccinations'],
    ['customer.identified', 'Identified by name', '/vaccinations'],
    ['event.tracked', 'Slot Chosen', '/vaccinations'],
    ['group.joined', 'Joined cats', '/vaccinations'],
    ['customer.aliased', 'Known as cust-17, before as cust-16', '/vaccinations'],
    ['screen.viewed', 'Viewed Vaccinations', '/vaccinations'],
  ]);
  expect(stored[1]?.identifiers).toEqual([
    { type: 'anonymousId', value: anonymousId, trust: 'claimed' },
    { type: 'userId', value: 'cust-17', trust: 'claimed' },
  ]);
  expect(await api.read({ type: 'userId', value: 'cust-17' })).toEqual([]);
});

test('a retry that carries a user id which the first try lacked finds the same interaction', async () => {
  const anonymousId = 'visitor-who-signed-in';
  const first = { ...envelope('r1'), type: 'page', anonymousId, userId: null, properties: {} };
  const retry = { ...first, userId: 'cust-18', sentAt: '2026-03-12T08:59:40.000Z' };
  expect(await send('p', first)).toEqual({ success: true });
  expect(await send('p', retry, 1)).toEqual({ success: true });
  expect(await send('b', { writeKey: websiteKey, batch: [retry], sentAt: retry.sentAt }, 2)).toEqual({ success: true });
  expect(await api.read({ type: 'anonymousId', value: anonymousId })).toHaveLength(1);
  expect(await api.read({ type: 'userId', value: 'cust-18' })).toEqual([]);
});

test("what names only a user is anybody's claim: it lies apart from that user's timeline", async () => {
  const event = { ...envelope('c1'), type: 'page', userId: 'cust-19', properties: {} };
  await send('p', event);
  expect(await api.read({ type: 'userId', value: 'cust-19' })).toEqual([]);
  expect(await api.read({ type: 'userId', value: 'cust-19', claimed: true })).toHaveLength(1);
});

test('a batch of the browser SDK is taken in like single calls', async () => {
  const anonymousId = 'visitor-with-batch';
  const batch = ['b1', 'b2', 'b3'].map((messageId, index) => ({
    ...envelope(messageId),
    timestamp: `2026-03-12T08:58:0${index}.000Z`,
    type: 'track',
    event: `Step ${index}`,
    anonymousId,
    userId: null,
    properties: {},
  }));
  await send('b', { writeKey: websiteKey, batch, sentAt: '2026-03-12T08:58:30.000Z' });
  const stored = await api.read({ type: 'anonymousId', value: anonymousId });
  expect(stored.map(({ properties }) => properties.event)).toEqual(['Step 0', 'Step 1', 'Step 2']);
});
