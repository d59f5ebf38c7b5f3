import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyedBy, type StoredTimeline, startStoredTimeline } from '../support/storedTimeline.ts';
import { arrivalMs, incoming, messages, newLeaf } from '../support/timelineMessages.ts';

let store: StoredTimeline;
let runs = 0;
beforeAll(async () => {
  store = await startStoredTimeline();
});
beforeEach(() => store.table.reset());
const freshLeaves = () => ['a', 'b'].map((name) => newLeaf(`store-${runs++}-${name}`));

const minuteMs = 60_000;
/** How one delivery comes: alone or in a batch, and how long after the first. */
const delivery = fc.record({
  message: fc.nat(),
  inBatch: fc.boolean(),
  delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 * minuteMs })),
});

describe('any retry of any message', () => {
  test('in any order and parallelism leaves it once, and every answer leads to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        messages(['a', 'b'], 6),
        fc.array(fc.array(delivery, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async (seeds, waves) => {
          const leaves = freshLeaves();
          const sent = seeds.map((message) => ({ ...message, home: leaves[message.home === 'a' ? 0 : 1] ?? '' }));
          const answers = new Map<number, { id: string; duplicate: boolean }[]>();
          for (const wave of waves) {
            const numbered = wave.map(({ message, ...rest }) => ({ ...rest, index: message % sent.length }));
            const appended = await Promise.all([
              store.timeline.appendMany(
                numbered.flatMap(({ delayMs, inBatch, index }) => (inBatch ? store.place(sent[index], delayMs) : [])),
              ),
              ...numbered.flatMap(({ delayMs, inBatch, index }) =>
                inBatch
                  ? []
                  : store.place(sent[index], delayMs).map(async (placed) => [await store.timeline.append(placed)]),
              ),
            ]);
            const order = [...numbered.filter((one) => one.inBatch), ...numbered.filter((one) => !one.inBatch)];
            appended.flat().forEach((answer, position) => {
              const index = order[position]?.index ?? -1;
              answers.set(index, [...(answers.get(index) ?? []), answer]);
            });
          }

          const stored = (await Promise.all(leaves.map((leaf) => store.read(leaf)))).flat();
          expect(stored.map(({ properties }) => properties.index).toSorted()).toEqual([...answers.keys()].toSorted());
          for (const [index, given] of answers) {
            const own = stored.find(({ properties }) => properties.index === index);
            const named = await store.timeline.readByIds(given.map(({ id }) => id));
            expect(named.map(({ id }) => id)).toEqual(given.map(() => own?.id));
            expect(given.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is recognised where a corrected future has become the present', async () => {
    const [home = ''] = freshLeaves();
    const message = incoming({ home, messageId: 'm1', clientTimeMs: arrivalMs + 20 * minuteMs });
    const answers = [];
    for (const delayMs of [0, 5 * minuteMs, 15 * minuteMs, 60 * minuteMs]) {
      for (const placed of store.place(message, delayMs))
        answers.push([placed.kind, await store.timeline.append(placed)]);
    }
    const [interaction] = await store.read(home);
    expect(interaction?.occurredAt).toBe('2026-03-12T09:00:00.000Z');
    const duplicate = { id: interaction?.id, duplicate: true };
    expect(answers).toEqual([
      ['corrected', { id: interaction?.id, duplicate: false }],
      ['corrected', duplicate],
      ['direct', duplicate],
      ['direct', duplicate],
    ]);
  });
});

describe('paging over leaves', () => {
  test('visits each stored interaction exactly once and in order, with any limit, also while more arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        messages(['a', 'b'], 40),
        messages(['a', 'b'], 10),
        fc.integer({ min: 1, max: 15 }),
        async (seeds, later, limit) => {
          const leaves = freshLeaves();
          const placed = [seeds, later].map((list, round) =>
            list.flatMap((message) =>
              store.place({
                ...message,
                messageId: `${round}-${message.messageId}`,
                home: leaves[message.home === 'a' ? 0 : 1] ?? '',
              }),
            ),
          );
          const first = (await store.timeline.appendMany(placed[0] ?? [])).map(({ id }) => id);
          const arriving = (placed[1] ?? []).values();
          const visited = await store.pageThrough(leaves, limit, async () => {
            const { value } = arriving.next();
            if (value) await store.timeline.append(value);
          });
          const ids = visited.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(first.filter((id) => !ids.includes(id))).toEqual([]);
          expect(ids.map(keyedBy)).toEqual(ids.map(keyedBy).toSorted().toReversed());
        },
      ),
      { numRuns: 25 },
    );
  });

  test('is not disturbed by the pointers that corrected times leave', async () => {
    const [home = ''] = freshLeaves();
    const ahead = Array.from({ length: 30 }, (_, index) =>
      incoming({
        home,
        messageId: `m${index}`,
        clientTimeMs: arrivalMs + (index + 11) * minuteMs,
        properties: { index },
      }),
    );
    await store.timeline.appendMany(ahead.flatMap((message, index) => store.place(message, index)));
    const visited = await store.pageThrough([home], 4);
    expect(visited.map(({ properties }) => properties.index)).toEqual(
      Array.from({ length: 30 }, (_, index) => 29 - index),
    );
  });
});

describe('reading by id', () => {
  test('keeps the order of the ids and leaves out what does not exist', async () => {
    const [home = ''] = freshLeaves();
    const sent = ['m1', 'm2'].map((messageId) => incoming({ home, messageId, clientTimeMs: arrivalMs }));
    const [one, two] = await store.timeline.appendMany(sent.flatMap((message) => store.place(message)));
    const unknown = `${home}.B000000000.hash-hash-hash16`;
    const read = await store.timeline.readByIds([two?.id ?? '', unknown, 'nonsense', one?.id ?? '']);
    expect(read.map(({ id }) => id)).toEqual([two?.id, one?.id]);
    expect(await store.timeline.readByIds([])).toEqual([]);
  });
});

describe('strange content is stored and read back as it was', () => {
  const strange: [string, string][] = [
    ['huge and tiny numbers', '{"a":1.7976931348623157e308,"b":5e-324,"c":-0.1,"d":123456789012345680000}'],
    ['empty names and values', '{"":"","a":{"":[]},"b":[],"c":{},"d":null}'],
    ['lone surrogates and control characters', '{"a":"\\ud800","\\udfff":"\\u0000\\u001f"}'],
    ['names of the prototype', '{"constructor":1,"toString":{"valueOf":2},"a":{"__proto__":{"polluted":true}}}'],
    ['deep nesting', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['names of our own attributes', '{"pk":"L#x","sk":"~h","entity":"head","id":"other","occurredAt":"never"}'],
    ['many scripts', '{"名前":"ミンカ","اسم":"مينكا","🐈":"🐈‍⬛"}'],
    ['30 KB of noise', JSON.stringify({ a: Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 99_991) })],
  ];

  test.each(strange)('%s', async (_name, json) => {
    for (const write of ['append', 'appendMany'] as const) {
      const [home = ''] = freshLeaves();
      const properties = JSON.parse(json) as Record<string, unknown>;
      const [placed] = store.place(incoming({ home, messageId: 'm1', clientTimeMs: arrivalMs, properties }));
      if (placed === undefined) throw new Error('not placed');
      await (write === 'append' ? store.timeline.append(placed) : store.timeline.appendMany([placed]));
      const [read] = await store.read(home);
      expect(JSON.stringify(read?.properties)).toBe(JSON.stringify(properties));
      expect('polluted' in {}).toBe(false);
    }
  });

  test('a prototype in disguise is left out', async () => {
    const [home = ''] = freshLeaves();
    const properties = JSON.parse('{"__proto__":{"polluted":true},"a":1}') as Record<string, unknown>;
    for (const placed of store.place(incoming({ home, messageId: 'm1', clientTimeMs: arrivalMs, properties }))) {
      await store.timeline.append(placed);
    }
    const [read] = await store.read(home);
    expect(read?.properties).toEqual({ a: 1 });
    expect(Object.getPrototypeOf(read?.properties)).toBe(Object.prototype);
  });

  test('any JSON whatever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (properties) => {
        fc.pre(!Object.hasOwn(properties, '__proto__'));
        const [home = ''] = freshLeaves();
        const sent = incoming({ home, messageId: 'm1', clientTimeMs: arrivalMs, properties });
        await store.timeline.appendMany(store.place(sent));
        const [read] = await store.read(home);
        expect(JSON.stringify(read?.properties)).toBe(JSON.stringify(properties));
      }),
      { numRuns: 40 },
    );
  });
});
