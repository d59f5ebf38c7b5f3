import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { foldHead, type Head, headOf, mergeHeads } from '../../shared/customer/head.ts';
import { decodeHead, encodeHead } from '../../shared/customer/headContent.ts';
import { hourMs, interaction, mondayMs } from '../support/leafInteractions.ts';

const identifier = fc.record({
  type: fc.constantFrom('userId' as const, 'email' as const, 'phone' as const, 'anonymousId' as const),
  value: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '+4989123', 'Lena@Example.com', 'lena@example.com'),
  trust: fc.constantFrom('claimed' as const, 'asserted' as const, 'proven' as const),
});
const fields = fc.record({
  type: fc.constantFrom(
    'page.viewed',
    'message.received',
    'order.completed',
    'order.refunded',
    'customer.identified',
    'consent.withdrawn',
    'consent.granted',
  ),
  trust: fc.constantFrom('asserted' as const, 'proven' as const),
  channel: fc.constantFrom('web' as const, 'email' as const, 'voice' as const),
  direction: fc.constantFrom('inbound' as const, 'outbound' as const),
  // Few times, so that several interactions share a millisecond.
  occurredAtMs: fc.integer({ min: 0, max: 40 }).map((hours) => mondayMs + Math.floor(hours / 3) * hourMs),
  identifiers: fc.array(identifier, { maxLength: 3 }),
  text: fc.oneof(fc.constant('Minka limps'), fc.string({ unit: 'binary', maxLength: 90 })),
  properties: fc.record({
    revenue: fc.constantFrom<unknown>(84.5, '12.30', 0.1, 1e300, -1, null, Number.NaN),
    currency: fc.constantFrom<unknown>('EUR', 'usd', 'JPY', 'cookies', 7),
    order_id: fc.constantFrom<unknown>('1043', 1044, {}, undefined),
    products: fc.constantFrom<unknown>([{ name: 'Flea collar' }], [{ sku: 'F-1' }, 5, null], 'food'),
    purpose: fc.constantFrom<unknown>('reminders', 'surveys', 3, undefined),
    traits: fc.constantFrom<unknown>({ name: 'Lena' }, { firstName: 'Lena', lastName: 'Vogt' }, { language: 'en' }, 3),
  }),
  context: fc.constantFrom<Record<string, unknown>>({}, { locale: 'de-DE' }, { timezone: 'Europe/Berlin' }),
});
const timeline = fc
  .array(fields, { minLength: 1, maxLength: 60, size: 'max' })
  .map((list) => list.map((one, index) => interaction({ ...one, messageId: `message-${index}` })));

/** Deliveries of a timeline: any order, borders and repetitions, each interaction at least once. */
const deliveries = timeline.chain((interactions) =>
  fc
    .record({
      once: fc.shuffledSubarray(interactions, { minLength: interactions.length }),
      again: fc.array(fc.constantFrom(...interactions), { maxLength: 20 }),
      borders: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    })
    .chain(({ once, again, borders }) =>
      fc
        .shuffledSubarray([...once, ...again], { minLength: once.length + again.length })
        .map((order) => ({ interactions, batches: batchesOf(order, borders) })),
    ),
);

function batchesOf(order: Interaction[], borders: number[]): Interaction[][] {
  const batches: Interaction[][] = [];
  for (let start = 0, index = 0; start < order.length; index++) {
    const size = borders[index % borders.length] ?? 1;
    batches.push(order.slice(start, start + size));
    start += size;
  }
  return batches;
}

function replay(interactions: readonly Interaction[]): Head {
  const [first, ...others] = interactions.map(headOf);
  if (first === undefined) throw new Error('a head needs an interaction');
  return others.reduce(mergeHeads, first);
}

describe('INV-P: a head is the fold of its timeline', () => {
  test('in whatever order, batches and repetitions the interactions come, replaying where it cannot tell', () => {
    let replays = 0;
    fc.assert(
      fc.property(deliveries, ({ interactions, batches }) => {
        let head: Head | undefined;
        const stored = new Set<Interaction>();
        for (const batch of batches) {
          for (const one of batch) stored.add(one);
          const fold = foldHead(head, batch);
          if (fold.kind === 'behind') replays++;
          if (fold.kind === 'behind') head = replay([...stored]);
          // What was written is what is read: folding goes on from the stored form.
          if (fold.kind === 'folded') head = decodeHead(encodeHead(fold.head));
        }
        expect(head).toEqual(replay(interactions));
      }),
      { numRuns: 120 },
    );
    expect(replays).toBeGreaterThan(100);
  });

  test('also where a replay saw interactions before their turn came', () => {
    fc.assert(
      fc.property(deliveries, ({ interactions, batches }) => {
        let head: Head | undefined;
        for (const batch of batches) {
          const fold = foldHead(head, batch);
          if (fold.kind === 'behind') head = replay(interactions);
          if (fold.kind === 'folded') head = fold.head;
        }
        expect(head).toEqual(replay(interactions));
      }),
      { numRuns: 120 },
    );
  });

  test('repetitions of what it remembers change nothing', () => {
    fc.assert(
      fc.property(timeline, (interactions) => {
        const head = replay(interactions);
        const newest = interactions.filter(
          ({ id }) =>
            foldHead(
              head,
              interactions.filter((one) => one.id === id),
            ).kind === 'known',
        );
        expect(foldHead(head, newest)).toEqual({ kind: 'known' });
        expect(newest.length).toBe(Math.min(interactions.length, 24));
      }),
    );
  });

  test('is stored and read back as it was', () => {
    fc.assert(
      fc.property(timeline, (interactions) => {
        const head = replay(interactions);
        expect(decodeHead(encodeHead(head))).toEqual(head);
      }),
    );
  });
});

test('a head that was stored before decisions about mails were folded is read, and written again as it was', () => {
  const stored =
    'gzkExXWGSKaD2SAbDM3NjUxMjAzAABxDYDPBppVlFmeW5BfpGoLdBTM7LcMtoKQoN6jAI9fd0Cssz0lJxwCk2jczLztRISczt6BYKTa2FgA=';
  const head = decodeHead(Buffer.from(stored, 'base64'));
  expect(head.consents).toEqual({ unsubscribed: {}, granted: {} });
  expect(head.shown.map(({ text }) => text)).toEqual(['Minka limps']);
  expect(Buffer.from(encodeHead(head)).toString('base64')).toBe(stored);
});

describe('a head shows', () => {
  const order = (messageId: string, properties: Record<string, unknown>, type = 'order.completed') =>
    interaction({ type, messageId, properties });
  const moneyOf = (...interactions: Interaction[]) => replay(interactions).money;

  test('revenue before total, in minor units of each currency, without refunds', () => {
    expect(
      moneyOf(
        order('1', { revenue: 84.5, total: 99, currency: 'EUR' }),
        order('2', { total: '1.005', currency: 'eur' }),
        order('3', { revenue: 1200, currency: 'JPY' }),
        order('4', { total: 4.5, currency: 'EUR' }, 'order.refunded'),
        order('5', { revenue: 1.2345, currency: 'KWD' }),
      ),
    ).toEqual({
      EUR: { orders: 2, revenueMinor: 8101 },
      JPY: { orders: 1, revenueMinor: 1200 },
      KWD: { orders: 1, revenueMinor: 1235 },
    });
  });

  test.each([
    ['no currency', { revenue: 5 }],
    ['a currency that is none', { revenue: 5, currency: 'XX1' }],
    ['no amount', { currency: 'EUR' }],
    ['an amount that is none', { revenue: 'free', currency: 'EUR' }],
    ['a negative amount', { revenue: -5, currency: 'EUR' }],
    ['an amount beyond all orders', { revenue: 1e12, currency: 'EUR' }],
    ['a number that is none', { revenue: Number.POSITIVE_INFINITY, currency: 'EUR' }],
  ])('no money for an order with %s', (_what, properties) => {
    expect(moneyOf(order('1', properties))).toEqual({});
  });

  test('the last five purchases with what was bought', () => {
    const orders = [1, 2, 3, 4, 5, 6].map((number) =>
      interaction({
        type: 'order.completed',
        messageId: `order-${number}`,
        occurredAtMs: mondayMs + number * hourMs,
        properties: {
          order_id: 1040 + number,
          revenue: number,
          currency: 'EUR',
          products: [{ name: 'Senior cat food' }, { sku: 'F-1' }, { product_id: 7 }, 'nothing'],
        },
      }),
    );
    const { purchases } = replay(orders);
    expect(purchases.map(({ orderId, revenueMinor }) => [orderId, revenueMinor])).toEqual([
      ['1046', 600],
      ['1045', 500],
      ['1044', 400],
      ['1043', 300],
      ['1042', 200],
    ]);
    expect(purchases[0]?.items).toEqual(['Senior cat food', 'F-1', '7']);
  });

  test('the name that was stated last, and of one millisecond the greater', () => {
    const named = (messageId: string, occurredAtMs: number, traits: Record<string, unknown>) =>
      interaction({ type: 'customer.identified', messageId, occurredAtMs, properties: { traits } });
    const early = named('1', mondayMs, { name: 'Lena' });
    const late = named('2', mondayMs + 1, { firstName: 'Lena', lastName: 'Vogt' });
    const atOnce = named('3', mondayMs + 1, { name: 'Anna' });
    const group = interaction({
      type: 'group.joined',
      messageId: '4',
      occurredAtMs: mondayMs + 2,
      properties: { traits: { name: 'Cat Club' } },
    });
    for (const interactions of [
      [early, late, atOnce, group],
      [group, atOnce, late, early],
    ]) {
      expect(replay(interactions).preferences.name?.value).toBe('Lena Vogt');
    }
  });

  test('each identifier once, as it is normalised, with the highest trust it was stated with', () => {
    const stating = (messageId: string, value: string, trust: 'claimed' | 'proven') =>
      interaction({ messageId, identifiers: [{ type: 'email', value, trust }] });
    const interactions = [stating('1', 'Lena@Example.com', 'proven'), stating('2', 'lena@example.com ', 'claimed')];
    expect(replay(interactions).identifiers).toEqual([{ type: 'email', value: 'lena@example.com', trust: 'proven' }]);
  });

  test('three addresses at most, proven ones before claims', () => {
    const interactions = ['a', 'b', 'c', 'd', 'z'].map((name) =>
      interaction({
        messageId: name,
        identifiers: [{ type: 'email', value: `${name}@example.com`, trust: name === 'z' ? 'proven' : 'claimed' }],
      }),
    );
    expect(replay(interactions).identifiers.map(({ value }) => value)).toEqual([
      'z@example.com',
      'a@example.com',
      'b@example.com',
    ]);
  });

  test('the ten newest interactions, long texts cut', () => {
    const interactions = Array.from({ length: 12 }, (_, index) =>
      interaction({
        messageId: `${index}`,
        occurredAtMs: mondayMs + index,
        text: `${index} ${'Minka limps. '.repeat(20)}`,
      }),
    );
    const { shown } = replay(interactions);
    expect(shown.length).toBe(10);
    expect(shown[0]?.text).toBe('11 Minka limps. Minka limps. Minka limps. Minka limps.…');
    expect(shown[9]?.text.startsWith('2 ')).toBe(true);
  });
});
