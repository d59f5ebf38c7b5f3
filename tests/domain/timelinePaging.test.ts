import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import { interactionId, keyClassOf } from '../../shared/timeline/timelineKeys.ts';
import { createMemoryTimeline, type MemoryTimeline } from '../support/memoryTimeline.ts';
import { arrivalMs, incoming, newLeaf } from '../support/timelineMessages.ts';

const leaves = ['paging-a', 'paging-b', 'paging-c'].map(newLeaf);

interface Seed {
  leaf: string;
  type: string;
  time: number;
  message: number;
}
/** Few times and message ids on purpose: several interactions of one position are the hard case. */
const seed: fc.Arbitrary<Seed> = fc.record({
  leaf: fc.constantFrom(...leaves),
  type: fc.constantFrom('page.viewed', 'event.tracked', 'order.completed', 'message.received'),
  time: fc.integer({ min: 0, max: 12 }),
  message: fc.integer({ min: 0, max: 2 }),
});

function grow({ leaf, message, time, type }: Seed): Interaction {
  const occurredAtMs = arrivalMs + time;
  const key = { leaf, keyClass: keyClassOf(type), occurredAtMs, messageHash: `message-hash---${message}` };
  const at = new Date(occurredAtMs).toISOString();
  const { home: _home, ...content } = incoming({ home: leaf, type });
  return { ...content, id: interactionId(key), occurredAt: at, receivedAt: at };
}

function add(timeline: MemoryTimeline, seeds: readonly Seed[]): void {
  for (const interaction of seeds.map(grow)) {
    if (!timeline.interactions.some(({ id }) => id === interaction.id)) timeline.interactions.push(interaction);
  }
}

type Page = { interactions: Interaction[]; next: string | null };

async function pages(
  timeline: MemoryTimeline,
  request: { limit: number; kinds?: readonly string[] },
  between: () => void = () => undefined,
): Promise<Page[]> {
  const read: Page[] = [];
  let before: string | undefined;
  for (let count = 0; count < 500; count++) {
    const page = await readTimeline(timeline, { leaves, ...request, before });
    if (page === undefined) throw new Error("a page's own next was not understood");
    read.push(page);
    if (page.next === null) return read;
    before = page.next;
    between();
  }
  throw new Error('paging does not end');
}

const ids = (interactions: readonly Interaction[]) => interactions.map(({ id }) => id);
const times = (interactions: readonly Interaction[]) => interactions.map(({ occurredAt }) => occurredAt);
const visited = (read: readonly Page[]) => read.flatMap(({ interactions }) => interactions);

describe('paging newest first over several leaves', () => {
  test('visits each interaction exactly once and in order, with any limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(seed, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (seeds, limit) => {
        const timeline = createMemoryTimeline();
        add(timeline, seeds);
        const read = await pages(timeline, { limit });
        const all = visited(read);
        expect(ids(all).toSorted()).toEqual(ids(timeline.interactions).toSorted());
        expect(times(all)).toEqual(times(all).toSorted().toReversed());
        for (const { interactions } of read.slice(0, -1)) expect(interactions).toHaveLength(limit);
      }),
      { numRuns: 300 },
    );
  });

  test('visits what was there at the start exactly once also while more arrives, and nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seed, { maxLength: 40 }),
        fc.array(fc.array(seed, { maxLength: 3 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 10 }),
        async (seeds, arrivals, limit) => {
          const timeline = createMemoryTimeline();
          add(timeline, seeds);
          const atStart = ids(timeline.interactions);
          const waiting = arrivals.values();
          const all = ids(visited(await pages(timeline, { limit }, () => add(timeline, waiting.next().value ?? []))));
          expect(new Set(all).size).toBe(all.length);
          expect(atStart.filter((id) => !all.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    [['order.completed']],
    [['message']],
    [['page']],
    [['event', 'order']],
    [['page.viewed', 'message.received']],
    [['nothing']],
  ])('finds every interaction of the kinds %j and no other', async (kinds) => {
    await fc.assert(
      fc.asyncProperty(fc.array(seed, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), async (seeds, limit) => {
        const timeline = createMemoryTimeline();
        add(timeline, seeds);
        const expected = timeline.interactions.filter(({ type }) =>
          kinds.some((kind) => type === kind || type.split('.')[0] === kind),
        );
        const found = visited(await pages(timeline, { limit, kinds }));
        expect(ids(found).toSorted()).toEqual(ids(expected).toSorted());
      }),
    );
  });
});

test('an empty timeline is one empty page', async () => {
  expect(await readTimeline(createMemoryTimeline(), { leaves, limit: 50 })).toEqual({ interactions: [], next: null });
});

test.each(['', 'nonsense', '0mmn8kkgr#hash-hash-hash16', 'L#x'])('"%s" is no place to go on from', async (before) => {
  expect(await readTimeline(createMemoryTimeline(), { leaves, limit: 50, before })).toBeUndefined();
});
