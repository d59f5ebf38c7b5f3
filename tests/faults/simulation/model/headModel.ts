import type { StatedIdentifier, Stored } from './storedTable.ts';

/** What a head must say, counted from the timeline. */
export interface ModelHead {
  byType: Record<string, number>;
  byChannel: Record<string, number>;
  firstSeenMs: number;
  lastSeenMs: number;
  orders: number;
  revenueMinor: number;
  /** Ids, newest first. */
  shown: string[];
  name: string | undefined;
  identifiers: string[];
}

const types = ['userId', 'email', 'phone', 'externalId', 'anonymousId'];
const trusts = ['claimed', 'asserted', 'proven'];
export const listedOfLeaf = [2, 3, 3, 3, 3];
export const listedOfCustomer = [3, 5, 4, 5, 5];

export function headOf(timeline: readonly Stored[], listed: readonly number[]): ModelHead {
  const newestFirst = [...timeline].sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1));
  const orders = timeline.filter(({ type }) => type === 'order.completed');
  const times = timeline.map(({ occurredAtMs }) => occurredAtMs);
  return {
    byType: countBy(timeline, ({ type }) => type),
    byChannel: countBy(timeline, ({ channel }) => channel),
    firstSeenMs: Math.min(...times),
    lastSeenMs: Math.max(...times),
    orders: orders.length,
    revenueMinor: orders.reduce((sum, { properties }) => sum + Math.round(Number(properties.total) * 100), 0),
    shown: newestFirst
      .filter(({ type }) => !type.startsWith('identity.'))
      .slice(0, 10)
      .map(({ id }) => id),
    name: nameIn(timeline),
    identifiers: identifiersIn(timeline, listed),
  };
}

/** The last stated name; while none was stated, the one in mails. Of the same moment the greater one. */
function nameIn(timeline: readonly Stored[]): string | undefined {
  for (const type of ['customer.identified', 'message.received']) {
    const names = timeline
      .filter((one) => one.type === type)
      .flatMap(({ occurredAtMs, properties }) => {
        const name = (properties.traits as { name?: unknown } | undefined)?.name;
        return typeof name === 'string' ? [`${String(occurredAtMs).padStart(15, '0')} ${name}`] : [];
      });
    const last = names.sort().at(-1);
    if (last !== undefined) return last.slice(16);
  }
  return undefined;
}

/** Each leaf lists its best, and a customer the best of those. */
function identifiersIn(timeline: readonly Stored[], listed: readonly number[]): string[] {
  const byLeaf = [...Map.groupBy(timeline, ({ leaf }) => leaf).values()];
  const own = byLeaf.flatMap((stored) =>
    bestOf(
      stored.flatMap(({ identifiers }) => identifiers),
      listedOfLeaf,
    ),
  );
  return bestOf(own, listed).map(({ trust, type, value }) => `${type}:${value} ${trust}`);
}

function bestOf(identifiers: readonly StatedIdentifier[], listed: readonly number[]): StatedIdentifier[] {
  const best = new Map<string, number>();
  for (const { type, value, trust } of identifiers) {
    const name = `${type}:${value}`;
    best.set(name, Math.max(best.get(name) ?? 0, trusts.indexOf(trust)));
  }
  return types.flatMap((type, index) =>
    [...best]
      .filter(([name]) => name.startsWith(`${type}:`))
      .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
      .slice(0, listed[index])
      .map(([name, trust]) => ({ type, value: name.slice(type.length + 1), trust: trusts[trust] ?? '' })),
  );
}

/** Of the same moment by hash, then by class. */
function placeOf({ keyClass, leaf, position }: Stored): string {
  return `${position}${keyClass} ${leaf}`;
}

function countBy(timeline: readonly Stored[], name: (stored: Stored) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const stored of timeline) counts[name(stored)] = (counts[name(stored)] ?? 0) + 1;
  return counts;
}
