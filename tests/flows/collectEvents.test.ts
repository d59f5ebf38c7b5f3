import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  agentKey,
  basicAuth,
  booked,
  type EventsApi,
  serverKey,
  startEventsApi,
  websiteKey,
  websiteOrigin,
} from '../support/eventsApi.ts';

let api: EventsApi;
let visitors = 0;
beforeAll(async () => {
  api = await startEventsApi();
});
beforeEach(() => {
  api.table.reset();
  api.counted.clear();
});

const server = basicAuth(serverKey);
const website = basicAuth(websiteKey);
const newVisitor = () => `visitor-${visitors++}`;
const post: EventsApi['post'] = (...request) => api.post(...request);

describe('a write key', () => {
  test('is accepted as Basic, in the body, and in the body beside a Bearer token', async () => {
    const userId = newVisitor();
    const bearer = { authorization: 'Bearer some-access-token' };
    expect((await post('track', booked(userId, 'm1'))).body).toEqual({ success: true });
    expect((await post('track', { ...booked(userId, 'm2'), writeKey: serverKey }, {})).body).toEqual({ success: true });
    expect((await post('track', { ...booked(userId, 'm3'), writeKey: serverKey }, bearer)).body).toEqual({
      success: true,
    });
    expect(await api.read({ type: 'userId', value: userId })).toHaveLength(3);
  });

  test('that is missing or unknown gives 401 and stores nothing', async () => {
    const userId = newVisitor();
    for (const answer of [
      await post('track', booked(userId), {}),
      await post('track', booked(userId), basicAuth('guessed')),
      await post('track', { ...booked(userId), writeKey: 'guessed' }, {}),
      await post('track', booked(userId), { authorization: `Bearer ${serverKey}` }),
      await post('track', '', {}),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ type: 'urn:throughline:problem:unauthenticated', status: 401 });
    }
    expect(api.table.calls).toEqual([]);
  });

  test('of an agent gives 403: a key that reads never writes', async () => {
    const answer = await post('track', booked(newVisitor()), basicAuth(agentKey));
    expect(answer.status).toBe(403);
    expect(answer.body.type).toBe('urn:throughline:problem:forbidden');
  });

  test("of a website works only on its own pages, and a page's script can read each answer", async () => {
    const event = { anonymousId: newVisitor(), messageId: 'm1', timestamp: '2026-03-12T08:59:00Z' };
    const own = await post('page', event, { ...website, origin: websiteOrigin });
    const other = await post('page', event, { ...website, origin: 'https://elsewhere.example' });
    expect([own.status, other.status]).toEqual([200, 403]);
    const refused = await post('track', { ...event, event: 7 }, { ...website, origin: websiteOrigin });
    for (const answer of [own, refused]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(websiteOrigin);
      expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
    }
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('a preflight from a page of the website allows what the browser SDK sends', async () => {
  const ask = (origin: string) => fetch(`${api.url}/v1/t`, { method: 'OPTIONS', headers: { origin } });
  const own = await ask(websiteOrigin);
  expect(own.status).toBe(204);
  expect(own.headers.get('access-control-allow-origin')).toBe(websiteOrigin);
  expect(own.headers.get('access-control-allow-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'x-retry-count']),
  );
  expect(own.headers.get('access-control-max-age')).toBe('7200');
  expect((await ask('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
});

describe('the event is the unit', () => {
  test('of a mixed batch the valid events are stored and the others are named with their path', async () => {
    const userId = newVisitor();
    const { event: _event, ...nameless } = booked(userId, 'nameless');
    const answer = await post('batch', {
      batch: [
        booked(userId, 'good-1'),
        nameless,
        'no object',
        { ...booked(userId, 'late'), timestamp: 'yesterday' },
        { ...booked(userId, 'nobody'), userId: null, anonymousId: '  ' },
        { ...booked(userId, 'typeless'), type: 'purchase' },
        booked(userId, 'good-2'),
      ],
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      rejected: [
        {
          index: 1,
          messageId: 'nameless',
          issues: [{ path: 'batch.1.event', message: 'expected the name of the event' }],
        },
        { index: 2, issues: [{ path: 'batch.2', message: 'expected an object' }] },
        {
          index: 3,
          messageId: 'late',
          issues: [{ path: 'batch.3.timestamp', message: 'expected a time by ISO 8601' }],
        },
        {
          index: 4,
          messageId: 'nobody',
          issues: [{ path: 'batch.4.userId', message: 'expected a userId or an anonymousId' }],
        },
        {
          index: 5,
          messageId: 'typeless',
          issues: [{ path: 'batch.5.type', message: 'expected one of track, identify, page, screen, group, alias' }],
        },
      ],
    });
    expect(await api.read({ type: 'userId', value: userId })).toHaveLength(2);
    expect(Object.fromEntries(api.counted)).toEqual({ InteractionsStored: 2, EventsRejected: 5 });
  });

  test('a batch without any valid event gives 400 with every fault', async () => {
    const answer = await post('batch', { batch: [{ type: 'track', userId: 'u' }, 5] });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body.issues).toEqual([
      { path: 'batch.0.event', message: 'expected the name of the event' },
      { path: 'batch.1', message: 'expected an object' },
    ]);
  });

  test('a single event that is not valid gives 400 with the path in the event', async () => {
    const answer = await post('track', { userId: 'u', timestamp: '1969-12-31T23:59:59Z', properties: [] });
    expect(answer.status).toBe(400);
    expect(answer.body.issues).toEqual([
      { path: 'event', message: 'expected the name of the event' },
      { path: 'properties', message: 'expected an object' },
      { path: 'timestamp', message: 'expected a time from 1970 to 5188' },
    ]);
  });

  test('an empty batch is accepted', async () => {
    expect(await post('batch', { batch: [] })).toMatchObject({ status: 200, body: { success: true } });
    expect(api.table.calls).toEqual([]);
  });
});

describe('what cannot be read is refused', () => {
  test.each([
    ['malformed JSON', '{"event":', [{ path: '', message: 'not parseable as JSON' }]],
    ['an empty body', '', [{ path: '', message: 'the body is empty' }]],
    ['a list', '[]', [{ path: '', message: 'Invalid input: expected object, received array' }]],
  ])('%s gives 400', async (_name, body, issues) => {
    const answer = await post('track', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ type: 'urn:throughline:problem:invalid-request', issues });
    expect(JSON.stringify(answer.body)).not.toContain('at ');
  });

  test('a body that is not gzip though it says so gives 400', async () => {
    const answer = await post('track', 'plain', { ...server, 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: '', message: 'not decodable as gzip' }] } });
  });

  test('a batch call without a batch gives 400', async () => {
    const answer = await post('batch', booked(newVisitor()));
    expect(answer.body.issues).toEqual([{ path: 'batch', message: 'expected a list of events' }]);
  });

  test('more than 2,500 events give 400', async () => {
    const answer = await post('batch', { batch: Array.from({ length: 2_501 }, () => 1) });
    expect(answer).toMatchObject({
      status: 400,
      body: { issues: [{ path: 'batch', message: 'more than 2500 events' }] },
    });
  });

  test('more than 500 KB after decompression give 413', async () => {
    const packed = gzipSync(JSON.stringify({ batch: [], padding: ' '.repeat(500 * 1024) }));
    expect(packed.length).toBeLessThan(2_000);
    const answer = await post('batch', packed, { ...server, 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 413, body: { type: 'urn:throughline:problem:too-large' } });
  });

  test('an event over 32 KB costs only itself', async () => {
    const userId = newVisitor();
    const large = { ...booked(userId, 'large'), properties: { note: 'x'.repeat(33_000) } };
    const answer = await post('batch', { batch: [large, booked(userId, 'small')] });
    expect(answer.body.rejected).toEqual([
      { index: 0, messageId: 'large', issues: [{ path: 'batch.0', message: 'larger than 32768 bytes' }] },
    ]);
    expect((await api.read({ type: 'userId', value: userId })).map(({ id }) => id)).toHaveLength(1);
    expect((await post('track', large)).body.issues).toEqual([{ path: '', message: 'larger than 32768 bytes' }]);
  });

  test('an event that nests without end costs only itself', async () => {
    const userId = newVisitor();
    const deep = `${'['.repeat(12_000)}${']'.repeat(12_000)}`;
    const good = JSON.stringify(booked(userId));
    const answer = await post(
      'batch',
      `{"batch":[{"type":"track","userId":"u","event":"e","properties":{"a":${deep}}},${good}]}`,
    );
    expect(answer.body).toEqual({
      success: true,
      rejected: [{ index: 0, issues: [{ path: 'batch.0', message: 'nested deeper than 100 levels' }] }],
    });
    expect(await api.read({ type: 'userId', value: userId })).toHaveLength(1);
  });

  test('an unknown call gives 404', async () => {
    expect((await post('import', booked(newVisitor()))).status).toBe(404);
  });
});

test('what could not be written is answered 5xx, and the retry completes it without doubles', async () => {
  const userId = newVisitor();
  const batch = Array.from({ length: 60 }, (_, index) => booked(userId, `m${index}`));
  const insertMany = api.table.insertMany;
  let requests = 0;
  api.table.insertMany = async (items) => {
    if (requests++ === 1) throw new Error('the table is away');
    return insertMany(items);
  };
  const failed = await post('batch', { batch });
  api.table.insertMany = insertMany;
  expect(failed.status).toBe(500);
  expect(failed.body.detail).toBe('Something failed on our side; nothing was lost. Please send it again.');
  const stored = await api.read({ type: 'userId', value: userId });
  expect(stored.length).toBeLessThan(60);
  expect((await post('batch', { batch })).body).toEqual({ success: true });
  expect(await api.read({ type: 'userId', value: userId })).toHaveLength(60);
});

test("the browser SDK's own metrics are accepted and dropped", async () => {
  const answer = await post('m', { series: [{ type: 'Counter', metric: 'analytics_js.invoke' }] }, {});
  expect(answer).toMatchObject({ status: 200, body: { success: true } });
  expect(api.table.calls).toEqual([]);
});

describe('settings for the browser SDK', () => {
  const ask = (key: string) => fetch(`${api.url}/v1/projects/${key}/settings`, { headers: { origin: websiteOrigin } });

  test('send it back to the address under which it asked, and nowhere else', async () => {
    const answer = await ask(websiteKey);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(websiteOrigin);
    const host = new URL(api.url).host;
    expect(await answer.json()).toMatchObject({
      integrations: { 'Segment.io': { apiKey: websiteKey, apiHost: `${host}/v1`, protocol: 'http' } },
      metrics: { sampleRate: 0 },
    });
  });

  test.each(['guessed', serverKey, agentKey])('are unknown for the key %s', async (key) => {
    expect((await ask(key)).status).toBe(404);
  });
});
