import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { identifierTypes } from '../contracts/identifier.ts';
import { channelSchema, directionSchema } from '../contracts/interaction.ts';
import { type ConsentRecord, purposesIn } from '../follow-up/consentOf.ts';
import type { Head, HeadInteraction } from './head.ts';
import { trusts } from './identifierList.ts';
import { orderFrom, orderHash, orderTimeMs } from './interactionOrder.ts';
import { type Preferences, preferenceNames } from './preferences.ts';
import type { HeadPurchase } from './purchase.ts';

/*
 * A head as deflated JSON with short names, so that writing it costs one write unit. Times stand as the distance to
 * the next newer one, in base 36 milliseconds; types, channels and trusts as places in their lists.
 */
const count = z.number().int();
const contentSchema = z.object({
  /** Counts by type. */
  t: z.array(z.tuple([z.string(), count])),
  /** Counts by channel. */
  c: z.array(z.tuple([count, count])),
  /** First and last seen. */
  f: z.tuple([count, count]),
  /** Currency, orders, revenue. */
  m: z.array(z.tuple([z.string(), count, count])).default([]),
  /** Purchases: order, order id, currency, revenue, items. */
  p: z.array(z.tuple([z.string(), z.string(), z.string(), count.nullable(), z.array(z.string())])).default([]),
  /** Preferences: which, value, time. */
  n: z.array(z.tuple([count, z.string(), count])).default([]),
  /** Consents: purpose, how long before last seen it was withdrawn and granted. */
  d: z.array(z.tuple([z.string(), count.nullable(), count.nullable()])).default([]),
  /** Identifiers: type, trust, value. */
  i: z.array(z.tuple([count, count, z.string()])).default([]),
  /** Shown interactions: order, type, channel and direction, text. */
  s: z.array(z.tuple([z.string(), count, count, z.string()])).default([]),
  /** Remembered interactions. */
  r: z.array(z.string()).default([]),
  k: z.string().optional(),
});
type Content = z.infer<typeof contentSchema>;

/**
 * What heads usually contain: compressing against it saves a tenth of a write unit. Part of schema version 1, so it is
 * never edited.
 */
const dictionary = Buffer.from(
  [
    '"Europe/London",0],"de-DE","en-US","en-GB","EUR","GBP","USD",@gmail.com"],@example.com"],"order.refunded",',
    '"screen.viewed","group.joined","event.tracked","order.completed","message.sent","customer.identified",',
    '"message.received","page.viewed",{"t":[["customer.identified",1],["message.received","page.viewed"]],"c":[[0,',
    '"f":["m":[["EUR",1,]],"p":[["n":[[0,"i":[[1,0,"[4,0,"s":[["0#',
  ].join(''),
);

const channels = channelSchema.options;
const directions = directionSchema.options;

export function encodeHead(head: Head): Uint8Array {
  const { firstSeenMs, lastSeenMs, money, purchases, preferences, consents, identifiers, shown, remembered, mark } =
    head;
  const types = Object.entries(head.byType).sort(([one], [other]) => (one < other ? -1 : 1));
  const content: Content = {
    t: types,
    c: channels.flatMap((channel, index) => (head.byChannel[channel] ? [[index, head.byChannel[channel]]] : [])),
    f: [firstSeenMs, lastSeenMs - firstSeenMs],
    m: Object.entries(money).map(([currency, sum]) => [currency, sum.orders, sum.revenueMinor]),
    p: shortened(purchases, lastSeenMs).map(([order, { orderId, currency, revenueMinor, items }]) => [
      order,
      orderId ?? '',
      currency ?? '',
      revenueMinor ?? null,
      items,
    ]),
    n: preferenceNames.flatMap((name, index) => {
      const stated = preferences[name];
      return stated ? [[index, stated.value, lastSeenMs - stated.atMs]] : [];
    }),
    d: purposesIn(consents).map((purpose) => [
      purpose,
      agoOf(consents.unsubscribed[purpose], lastSeenMs),
      agoOf(consents.granted[purpose]?.atMs, lastSeenMs),
    ]),
    i: identifiers.map(({ type, trust, value }) => [identifierTypes.indexOf(type), trusts.indexOf(trust), value]),
    s: shortened(shown, lastSeenMs).map(([order, { type, channel, direction, text }]) => [
      order,
      types.findIndex(([name]) => name === type),
      channels.indexOf(channel) * directions.length + directions.indexOf(direction),
      text,
    ]),
    r: shortened(
      remembered.map((order) => ({ order })),
      lastSeenMs,
    ).map(([order]) => order),
    ...(mark === undefined ? {} : { k: mark }),
  };
  return deflateRawSync(JSON.stringify(withoutEmpty(content)), { level: 9, dictionary });
}

/** Throws where the bytes are no head of this version. */
export function decodeHead(bytes: Uint8Array): Head {
  const content = contentSchema.parse(JSON.parse(inflateRawSync(bytes, { dictionary }).toString('utf8')));
  const [firstSeenMs, seenForMs] = content.f;
  const lastSeenMs = firstSeenMs + seenForMs;
  const shownOrders = lengthened(
    content.s.map(([order]) => order),
    lastSeenMs,
  );
  const purchaseOrders = lengthened(
    content.p.map(([order]) => order),
    lastSeenMs,
  );
  return {
    byType: Object.fromEntries(content.t),
    byChannel: Object.fromEntries(content.c.map(([index, number]) => [at(channels, index), number])),
    firstSeenMs,
    lastSeenMs,
    money: Object.fromEntries(
      content.m.map(([currency, orders, revenueMinor]) => [currency, { orders, revenueMinor }]),
    ),
    purchases: content.p.map(
      ([, orderId, currency, revenueMinor, items], index): HeadPurchase => ({
        order: at(purchaseOrders, index),
        ...(orderId === '' ? {} : { orderId }),
        ...(currency === '' ? {} : { currency }),
        ...(revenueMinor === null ? {} : { revenueMinor }),
        items,
      }),
    ),
    preferences: Object.fromEntries(
      content.n.map(([index, value, agoMs]) => [at(preferenceNames, index), { value, atMs: lastSeenMs - agoMs }]),
    ) as Preferences,
    consents: consentsFrom(content.d, lastSeenMs),
    identifiers: content.i.map(([type, trust, value]) => ({
      type: at(identifierTypes, type),
      trust: at(trusts, trust),
      value,
    })),
    shown: content.s.map(
      ([, type, place, text], index): HeadInteraction => ({
        order: at(shownOrders, index),
        type: at(content.t, type)[0],
        channel: at(channels, Math.floor(place / directions.length)),
        direction: at(directions, place % directions.length),
        text,
      }),
    ),
    remembered: lengthened(content.r, lastSeenMs),
    ...(content.k === undefined ? {} : { mark: content.k }),
  };
}

function agoOf(atMs: number | undefined, lastSeenMs: number): number | null {
  return atMs === undefined ? null : lastSeenMs - atMs;
}

function consentsFrom(stored: Content['d'], lastSeenMs: number): ConsentRecord {
  const consents: ConsentRecord = { unsubscribed: {}, granted: {} };
  for (const [purpose, withdrawnAgoMs, grantedAgoMs] of stored) {
    if (withdrawnAgoMs !== null) consents.unsubscribed[purpose] = lastSeenMs - withdrawnAgoMs;
    if (grantedAgoMs !== null) consents.granted[purpose] = { atMs: lastSeenMs - grantedAgoMs };
  }
  return consents;
}

/** Orders, newest first, with each time as the distance to the one before. */
function shortened<T extends { order: string }>(values: readonly T[], lastSeenMs: number): [string, T][] {
  let newerMs = lastSeenMs;
  return values.map((value) => {
    const timeMs = orderTimeMs(value.order);
    const distance = (newerMs - timeMs).toString(36);
    newerMs = timeMs;
    return [`${distance}#${orderHash(value.order)}`, value];
  });
}

function lengthened(orders: readonly string[], lastSeenMs: number): string[] {
  let newerMs = lastSeenMs;
  return orders.map((order) => {
    const [distance = '', hash = ''] = order.split('#');
    newerMs -= Number.parseInt(distance, 36);
    return orderFrom(newerMs, hash);
  });
}

function withoutEmpty(content: Content): Partial<Content> {
  return Object.fromEntries(Object.entries(content).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError('a head refers to what it does not list');
  return value;
}
