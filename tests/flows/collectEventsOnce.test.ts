import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { basicAuth, booked, type EventsApi, serverKey, startEventsApi } from '../support/eventsApi.ts';

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
const newVisitor = () => `visitor-${visitors++}`;
const post: EventsApi['post'] = (...request) => api.post(...request);

describe('the same event', () => {
  test('sent five times at once by each route stands once', async () => {
    const userId = newVisitor();
    const event = booked(userId);
    const withKey = { ...event, writeKey: serverKey };
    const packed = gzipSync(JSON.stringify({ batch: [event], sentAt: '2026-03-12T08:59:01.000Z' }));
    const form = { ...server, 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
    const routes: (() => ReturnType<typeof post>)[] = [
      () => post('track', event),
      () => post('t', withKey, { 'content-type': 'text/plain' }),
      () => post('batch', { batch: [event] }),
      () => post('b', { batch: [event, event], writeKey: serverKey }, {}),
      () => post('batch', packed, form),
    ];
    const answers = await Promise.all(routes.flatMap((route) => Array.from({ length: 5 }, route)));
    expect(new Set(answers.map(({ body, status }) => `${status} ${JSON.stringify(body)}`))).toEqual(
      new Set(['200 {"success":true}']),
    );
    const stored = await api.read({ type: 'userId', value: userId });
    expect(stored.map(({ occurredAt, type }) => ({ occurredAt, type }))).toEqual([
      { type: 'event.tracked', occurredAt: '2026-03-12T08:59:00.000Z' },
    ]);
    expect(Object.fromEntries(api.counted)).toEqual({ InteractionsStored: 1, InteractionsDuplicated: 29 });
  });

  test.each([
    ['without a time of its own', undefined],
    ['with a time far in the future', '2031-01-01T00:00:00.000Z'],
  ])('%s, sent five times at once by each route, stands once', async (_name, timestamp) => {
    const userId = newVisitor();
    const event = { ...booked(userId), timestamp };
    const routes = [() => post('track', event), () => post('batch', { batch: [event, event] })];
    const answers = await Promise.all(routes.flatMap((route) => Array.from({ length: 5 }, route)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const stored = await api.read({ type: 'userId', value: userId });
    expect(stored.map(({ occurredAt }) => occurredAt)).toEqual(['2026-03-12T09:00:00.000Z']);
  });

  test('without a message id is stored each time: de-duplication is not promised', async () => {
    const userId = newVisitor();
    const { messageId: _messageId, ...event } = booked(userId);
    await post('track', event);
    await post('track', event);
    expect(await api.read({ type: 'userId', value: userId })).toHaveLength(2);
  });
});

describe('cost', () => {
  const calls = () => api.table.calls.map(({ command, writeUnits, readUnits }) => [command, writeUnits, readUnits]);

  test('of one event is one put of one write unit and no read, known or unknown; a duplicate is refused in one put', async () => {
    const event = booked(newVisitor());
    await post('track', event);
    expect(calls()).toEqual([['PutItemCommand', 1, 0]]);
    api.table.reset();
    await post('track', { ...event, messageId: 'another' });
    expect(calls()).toEqual([['PutItemCommand', 1, 0]]);
    api.table.reset();
    await post('track', event);
    // The engine reports no capacity for a refused put, as AWS does not; by AWS's rule it is one unit.
    expect(calls()).toEqual([['PutItemCommand', undefined, undefined]]);
  });

  test('of a batch of 25 is 25 write units in one request, stored or duplicate', async () => {
    const userId = newVisitor();
    const batch = Array.from({ length: 25 }, (_, index) => booked(userId, `m${index}`));
    await post('batch', { batch });
    expect(calls()).toEqual([['BatchExecuteStatementCommand', 25, 0]]);
    api.table.reset();
    await post('batch', { batch });
    expect(calls()).toHaveLength(1);
    expect(await api.read({ type: 'userId', value: userId })).toHaveLength(25);
  });
});
