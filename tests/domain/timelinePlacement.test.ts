import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStorableTime, placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { arrivalMs, incoming, messages, newLeaf } from '../support/timelineMessages.ts';

const home = newLeaf('placement');
const newId = () => 'made-id';
const place = (clientTimeMs: number | undefined, receivedAtMs = arrivalMs) =>
  placeInteraction(incoming({ home, messageId: 'm1', ...(clientTimeMs === undefined ? {} : { clientTimeMs }) }), {
    newId,
    receivedAtMs,
  });

describe('the time of an interaction', () => {
  test("is the sender's own, to the millisecond, however late it arrives", () => {
    const placed = place(arrivalMs - 40 * 24 * 60 * 60 * 1000 - 1);
    expect(placed.kind).toBe('direct');
    expect(placed.interaction).toMatchObject({
      occurredAt: '2026-01-31T08:59:59.999Z',
      receivedAt: '2026-03-12T09:00:00.000Z',
    });
  });

  test("may be ten minutes ahead; beyond that the arrival counts, and the raw key keeps the sender's", () => {
    expect(place(arrivalMs + 600_000)).toMatchObject({ kind: 'direct', key: { occurredAtMs: arrivalMs + 600_000 } });
    expect(place(arrivalMs + 600_001)).toMatchObject({
      kind: 'corrected',
      key: { occurredAtMs: arrivalMs },
      rawKey: { occurredAtMs: arrivalMs + 600_001 },
    });
  });

  test('is the arrival where the sender gave none', () => {
    expect(place(undefined)).toMatchObject({ kind: 'guarded', key: { occurredAtMs: arrivalMs } });
  });

  test.each([-1, 36 ** 9, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %d', (timeMs) => {
    expect(isStorableTime(timeMs)).toBe(false);
    expect(() => place(timeMs)).toThrow(RangeError);
  });
});

test('a message without an id gets one, so that equal messages are kept apart', () => {
  let ids = 0;
  const anonymous = incoming({ home, clientTimeMs: arrivalMs });
  const placed = [0, 1].map(() =>
    placeInteraction(anonymous, { newId: () => `made-${ids++}`, receivedAtMs: arrivalMs }),
  );
  expect(new Set(placed.map(({ interaction }) => interaction.id)).size).toBe(2);
  expect(placed.map(({ kind }) => kind)).toEqual(['direct', 'direct']);
});

test('any retry of any message with a time is put at the same key, whenever it arrives', () => {
  fc.assert(
    fc.property(
      messages([home], 5),
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 1e9 }),
      (all, a, b) => {
        for (const message of all) {
          if (message.clientTimeMs === undefined) continue;
          const keys = [a, b].map((delayMs) => {
            const placed = placeInteraction(message, { newId, receivedAtMs: arrivalMs + delayMs });
            return placed.kind === 'corrected' ? placed.rawKey : placed.key;
          });
          expect(keys[0]).toEqual(keys[1]);
        }
      },
    ),
  );
});

test('the place depends on home, class, time, source and message id alone', () => {
  const first = incoming({ home, messageId: 'm1', clientTimeMs: arrivalMs });
  const retry = incoming({
    ...first,
    trust: 'proven',
    touchpoint: '/other',
    identifiers: [{ type: 'userId', value: 'cust-17', trust: 'claimed' }],
    properties: { attempt: 2 },
    text: 'another text',
  });
  const at = { newId, receivedAtMs: arrivalMs };
  expect(placeInteraction(retry, at).key).toEqual(placeInteraction(first, at).key);
});
