import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nestsDeeperThan } from '../../shared/segment/nestsDeeperThan.ts';
import { parseEvent } from '../../shared/segment/parseEvent.ts';

const sent = { type: 'track', event: 'Vaccination Booked', anonymousId: 'visitor-1' };

function parsed(value: unknown, options?: Parameters<typeof parseEvent>[1]) {
  const outcome = parseEvent(value, options);
  if (!('event' in outcome)) throw new Error(JSON.stringify(outcome.issues));
  return outcome.event;
}
function issues(value: unknown, options?: Parameters<typeof parseEvent>[1]) {
  const outcome = parseEvent(value, options);
  return 'issues' in outcome ? outcome.issues : [];
}

describe('ids', () => {
  test.each([
    [17, '17'],
    ['  cust-17 ', 'cust-17'],
    ['null', 'null'],
    [null, undefined],
    ['', undefined],
    ['   ', undefined],
    [undefined, undefined],
  ])('userId %j is read as %j', (userId, expected) => {
    expect(parsed({ ...sent, userId }).userId).toBe(expected);
  });

  test.each([[true], [{}], [['a']]])('userId %j is no id', (userId) => {
    expect(issues({ ...sent, userId })).toEqual([{ path: 'userId', message: 'expected text' }]);
  });

  test('hold at most 512 characters, a message id 100', () => {
    expect(parsed({ ...sent, userId: 'u'.repeat(512), messageId: 'm'.repeat(100) }).messageId).toHaveLength(100);
    expect(issues({ ...sent, userId: 'u'.repeat(513), messageId: 'm'.repeat(101) })).toEqual([
      { path: 'messageId', message: 'longer than 100 characters' },
      { path: 'userId', message: 'longer than 512 characters' },
    ]);
  });

  test('that are not well-formed Unicode are refused: two of them could share a leaf', () => {
    expect(issues({ ...sent, userId: '\ud800' })).toEqual([{ path: 'userId', message: 'not well-formed Unicode' }]);
  });

  test('must name the customer', () => {
    const nobody = [{ path: 'userId', message: 'expected a userId or an anonymousId' }];
    expect(issues({ ...sent, anonymousId: null })).toEqual(nobody);
    expect(issues({ type: 'identify', traits: { email: 'lena@example.com' } })).toEqual(nobody);
  });
});

describe('time', () => {
  test('is the timestamp, else the original timestamp, exactly as sent', () => {
    const timestamp = '2026-03-12T08:59:00.000Z';
    const originalTimestamp = '2026-03-12T08:58:00.000Z';
    expect(parsed({ ...sent, timestamp, originalTimestamp, sentAt: originalTimestamp }).clientTimeMs).toBe(
      1773305940000,
    );
    expect(parsed({ ...sent, timestamp: null, originalTimestamp }).clientTimeMs).toBe(1773305880000);
    expect(parsed({ ...sent, timestamp, originalTimestamp: 'broken' }).clientTimeMs).toBe(1773305940000);
    expect(parsed({ ...sent, sentAt: timestamp })).not.toHaveProperty('clientTimeMs');
  });

  test.each([
    [{ timestamp: 'soon' }, 'timestamp', 'expected a time by ISO 8601'],
    [{ timestamp: 1773305940000 }, 'timestamp', 'expected a time by ISO 8601'],
    [{ originalTimestamp: '1969-12-31T00:00:00Z' }, 'originalTimestamp', 'expected a time from 1970 to 5188'],
    [{ timestamp: '5190-01-01T00:00:00Z' }, 'timestamp', 'expected a time from 1970 to 5188'],
  ])('%j is refused', (fields, path, message) => {
    expect(issues({ ...sent, ...fields })).toEqual([{ path, message }]);
  });
});

test.each([
  ['track', {}, [{ path: 'event', message: 'expected the name of the event' }]],
  ['track', { event: ' ' }, [{ path: 'event', message: 'expected the name of the event' }]],
  ['group', {}, [{ path: 'groupId', message: 'expected the id of the group' }]],
  ['alias', {}, [{ path: 'previousId', message: 'expected the id that the user had before' }]],
  ['page', { properties: 'x' }, [{ path: 'properties', message: 'expected an object' }]],
  ['identify', { traits: [1] }, [{ path: 'traits', message: 'expected an object' }]],
] as const)('a %s call with %j says what is missing', (type, fields, expected) => {
  expect(issues({ anonymousId: 'visitor-1', ...fields }, { type })).toEqual(expected);
});

test('the path of a single call decides its type, whatever the body says', () => {
  expect(parsed({ ...sent, type: 'page' }, { type: 'track' }).type).toBe('track');
});

test("the batch's context is merged into the event's, which wins", () => {
  const batchContext = { locale: 'de-DE', library: { name: 'batch' } };
  const context = { library: { name: 'event' } };
  expect(parsed({ ...sent, context }, { batchContext }).context).toEqual({
    locale: 'de-DE',
    library: { name: 'event' },
  });
  expect(parsed({ ...sent, context: null }, { batchContext }).context).toEqual(batchContext);
});

test('no JSON value whatever makes the parser throw, and what it refuses has a path and a message', () => {
  const field = fc.constantFrom(
    'type',
    'event',
    'userId',
    'anonymousId',
    'timestamp',
    'context',
    'properties',
    'traits',
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue())), (value) => {
      const outcome = parseEvent(value);
      if ('event' in outcome) return;
      expect(outcome.issues.length).toBeGreaterThan(0);
      for (const { message, path } of outcome.issues) expect([typeof path, message === '']).toEqual(['string', false]);
    }),
  );
});

describe('nestsDeeperThan', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

  test('counts the levels below the value', () => {
    expect(nestsDeeperThan(3, nested(4))).toBe(false);
    expect(nestsDeeperThan(3, nested(5))).toBe(true);
    expect(nestsDeeperThan(3, { a: { b: {} } })).toBe(false);
  });

  test('needs no stack for what exhausts that of others', () => {
    expect(nestsDeeperThan(100, JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe(true);
  });
});
