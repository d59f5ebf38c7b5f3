import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  guardItemKey,
  interactionId,
  interactionItemKey,
  keyClassOf,
  latestTimeMs,
  messageHashOf,
  positionText,
  readInteractionId,
  readInteractionItemKey,
  readPosition,
  type TimelineKey,
} from '../../shared/timeline/timelineKeys.ts';

const base64url = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
const anyTime = fc.integer({ min: 0, max: latestTimeMs });
const anyKey: fc.Arbitrary<TimelineKey> = fc.record({
  leaf: base64url(22),
  keyClass: fc.constantFrom('B', 'E'),
  occurredAtMs: anyTime,
  messageHash: base64url(16),
});

describe('keys', () => {
  const key: TimelineKey = {
    leaf: 'leaf-leaf-leaf-leaf-22',
    keyClass: 'E',
    occurredAtMs: 1773305940123,
    messageHash: 'hash-hash-hash16',
  };

  test('look as the data model says', () => {
    expect(interactionItemKey(key)).toEqual({ pk: 'L#leaf-leaf-leaf-leaf-22', sk: 'E#0mmn8kkgr#hash-hash-hash16' });
    expect(interactionId(key)).toBe('leaf-leaf-leaf-leaf-22.E0mmn8kkgr.hash-hash-hash16');
    expect(guardItemKey(key.messageHash, key.leaf)).toEqual({ pk: expect.stringMatching(/^K#[\w-]{22}$/), sk: '~' });
  });

  test('and ids say the same: each is read back from its text', () => {
    fc.assert(
      fc.property(anyKey, (any) => {
        expect(readInteractionId(interactionId(any))).toEqual(any);
        expect(readInteractionItemKey(interactionItemKey(any))).toEqual(any);
        expect(readPosition(positionText(any))).toEqual({
          occurredAtMs: any.occurredAtMs,
          messageHash: any.messageHash,
        });
      }),
    );
  });

  test('sort as text in the order of time', () => {
    fc.assert(
      fc.property(anyKey, anyTime, base64url(16), (one, occurredAtMs, messageHash) => {
        fc.pre(one.occurredAtMs !== occurredAtMs);
        const other = { ...one, occurredAtMs, messageHash };
        const isEarlier = interactionItemKey(one).sk < interactionItemKey(other).sk;
        expect(isEarlier).toBe(one.occurredAtMs < occurredAtMs);
      }),
    );
  });

  test.each([
    '',
    'leaf',
    'leaf-leaf-leaf-leaf-22.X0mmn8kkgr.hash-hash-hash16',
    'leaf-leaf-leaf-leaf-22.E0mmn8kkgr.hash-hash-hash1',
    'leaf-leaf-leaf-leaf-22.E0MMN8KKGR.hash-hash-hash16',
    'leaf-leaf-leaf-leaf-22.E0mmn8kkgr.hash-hash-hash16\n',
  ])('nothing else is taken for an id: %j', (text) => {
    expect(readInteractionId(text)).toBeUndefined();
  });

  test('of states are no interactions', () => {
    expect(readInteractionItemKey({ pk: 'L#leaf-leaf-leaf-leaf-22', sk: '~h' })).toBeUndefined();
  });
});

test('a message id means a message of its source only', () => {
  expect(messageHashOf('website', 'm1')).toBe(messageHashOf('website', 'm1'));
  expect(messageHashOf('website', 'm1')).not.toBe(messageHashOf('shop-backend', 'm1'));
  expect(messageHashOf('a', 'b,c')).not.toBe(messageHashOf('a,b', 'c'));
});

test.each([
  ['page.viewed', 'B'],
  ['screen.viewed', 'B'],
  ['event.tracked', 'B'],
  ['email.opened', 'B'],
  ['email.clicked', 'B'],
  ['email.delivered', 'E'],
  ['order.completed', 'E'],
  ['message.received', 'E'],
  ['customer.identified', 'E'],
  ['checkout.started', 'E'],
  ['anything.new', 'E'],
])('the class of %s is %s for ever', (type, keyClass) => {
  expect(keyClassOf(type)).toBe(keyClass);
});
