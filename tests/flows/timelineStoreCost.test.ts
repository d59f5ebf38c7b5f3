import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemSize } from '../../shared/platform/itemSize.ts';
import { isNew } from '../../shared/platform/table.ts';
import { toInteractionItem } from '../../shared/timeline/interactionItem.ts';
import { type StoredTimeline, startStoredTimeline } from '../support/storedTimeline.ts';
import { arrivalMs, incoming, newLeaf } from '../support/timelineMessages.ts';

let store: StoredTimeline;
let runs = 0;
beforeAll(async () => {
  store = await startStoredTimeline();
});
beforeEach(() => store.table.reset());

/** What a browser sends with a page view: about 1 KB of JSON. */
const pageView = {
  properties: {
    path: '/vaccinations/cats',
    referrer: 'https://search.example/',
    search: '?utm_source=newsletter&utm_campaign=spring',
    title: 'Vaccinations for cats | Tierarztpraxis am Park',
    url: 'https://vet.example/vaccinations/cats?utm_source=newsletter&utm_campaign=spring',
    name: 'Vaccinations',
  },
  context: {
    page: {
      path: '/vaccinations/cats',
      referrer: 'https://search.example/',
      search: '?utm_source=newsletter&utm_campaign=spring',
      title: 'Vaccinations for cats | Tierarztpraxis am Park',
      url: 'https://vet.example/vaccinations/cats?utm_source=newsletter&utm_campaign=spring',
    },
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    locale: 'de-DE',
    library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
    campaign: { source: 'newsletter', name: 'spring' },
    timezone: 'Europe/Berlin',
  },
};

const calls = () => store.table.calls.map(({ command, writeUnits, readUnits }) => [command, writeUnits, readUnits]);

describe('an interaction of 1 KB', () => {
  const message = () =>
    incoming({ home: newLeaf(`cost-${runs++}`), messageId: 'm1', clientTimeMs: arrivalMs, ...pageView });

  test('is compressed into one write unit: one put, no read', async () => {
    expect(JSON.stringify(message()).length).toBeGreaterThan(1024);
    for (const placed of store.place(message())) await store.timeline.append(placed);
    expect(calls()).toEqual([['PutItemCommand', 1, 0]]);
  });

  test('without a time of its own costs four write units, with its guard', async () => {
    const { clientTimeMs: _clientTimeMs, ...timeless } = message();
    for (const placed of store.place(timeless)) await store.timeline.append(placed);
    expect(calls()).toEqual([['TransactWriteItemsCommand', 4, 0]]);
  });
});

test('content that fits one write unit as it is stays readable', () => {
  const [placed] = store.place(incoming({ home: newLeaf('plain'), messageId: 'm1', clientTimeMs: arrivalMs }));
  const item = placed && toInteractionItem(placed.key, placed.interaction);
  expect(typeof item?.content).toBe('string');
});

test('a batch of 25 is 25 write units in one request', async () => {
  const home = newLeaf('batch');
  const batch = Array.from({ length: 25 }, (_, index) =>
    incoming({ home, messageId: `m${index}`, clientTimeMs: arrivalMs + index, ...pageView }),
  ).flatMap((message) => store.place(message));
  const appended = await store.timeline.appendMany(batch);
  expect(calls()).toEqual([['BatchExecuteStatementCommand', 25, 0]]);
  expect(appended.map(({ duplicate }) => duplicate)).toEqual(Array.from({ length: 25 }, () => false));
  const again = await store.timeline.appendMany(batch);
  expect(again.map(({ duplicate }) => duplicate)).toEqual(Array.from({ length: 25 }, () => true));
});

test('26 interactions are two requests', async () => {
  const home = newLeaf('two-requests');
  const batch = Array.from({ length: 26 }, (_, index) =>
    incoming({ home, messageId: `m${index}`, clientTimeMs: index }),
  );
  await store.timeline.appendMany(batch.flatMap((message) => store.place(message)));
  expect(calls().map(([command]) => command)).toEqual(['BatchExecuteStatementCommand', 'BatchExecuteStatementCommand']);
});

describe('a page of 50 interactions of 300 bytes', () => {
  test('costs at most two read units per range', async () => {
    const home = newLeaf('page');
    const batch = Array.from({ length: 60 }, (_, index) =>
      incoming({ home, messageId: `m${index}`, clientTimeMs: index }),
    );
    await store.timeline.appendMany(batch.flatMap((message) => store.place(message)));
    store.table.reset();
    await store.timeline.readRange({ leaf: home, keyClass: 'B', limit: 50 });
    expect(calls()).toHaveLength(1);
    expect(store.table.calls[0]?.readUnits).toBeLessThanOrEqual(2.5);
  });
});

describe('itemSize', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 5 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer()), { maxKeys: 5 }),
  );
  const attributes = fc.dictionary(fc.stringMatching(/^a[a-z]{1,10}$/), value, { maxKeys: 8 });
  const fraction = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });

  /** What the engine bills for the attributes, padded to so many bytes by our own count. */
  async function billed(some: Record<string, unknown>, bytes: number): Promise<number | undefined> {
    const bare = { pk: 'size', sk: `${runs++}`, ...some };
    const item = { ...bare, padding: 'x'.repeat(Math.max(1, bytes - itemSize(bare) - 'padding'.length)) };
    store.table.reset();
    await store.table.put(item, isNew);
    return itemSize(item) === bytes ? store.table.calls[0]?.writeUnits : undefined;
  }

  test('is what the engine bills, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, fc.integer({ min: 2, max: 4 }), async (some, units) => {
        expect([await billed(some, units * 1024), await billed(some, units * 1024 + 1)]).toEqual([units, units + 1]);
      }),
      { numRuns: 100 },
    );
  });

  test('of fractions is never less than what the engine bills', async () => {
    await fc.assert(
      fc.asyncProperty(fraction, async (number) => {
        fc.pre(Math.abs(number) > 1e-100);
        expect(await billed({ number }, 1024)).toBe(1);
      }),
      { numRuns: 100 },
    );
  });
});
