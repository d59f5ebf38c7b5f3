import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { decodeHead } from '../../shared/customer/headContent.ts';
import { refoldLeaf } from '../../shared/customer/projectLeaf.ts';
import { itemSize } from '../../shared/platform/itemSize.ts';
import type { Item, Table } from '../../shared/platform/table.ts';
import { interactionId, readInteractionItemKey } from '../../shared/timeline/timelineKeys.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { answered, dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { changeOf, createProjection, failingTable } from '../support/projection.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const projection = createProjection(table);

let leaves = 0;
const anyLeaf = () => newLeaf(`leaf-${leaves++}-`);

/**
 * Everything that the table holds about a leaf besides its interactions' contents, without the counters of writes, what
 * cards remember for the next message, and pointers with which their message does not agree: they count for nobody.
 */
async function stateOf(leaf: string): Promise<Record<string, unknown>> {
  const partition = async (pk: string) => (await table.query({ pk, from: ' ', to: '~~', consistent: true })).items;
  const own = await partition(`L#${leaf}`);
  const conversations = await Promise.all(
    own.flatMap((item) => {
      const key = readInteractionItemKey(item);
      return key ? [partition(`V#${interactionId(key)}`)] : [];
    }),
  );
  const state: Record<string, unknown> = {};
  const toldIn = new Map(
    own.flatMap((item) => {
      const key = readInteractionItemKey(item);
      return key ? [[interactionId(key), item.conversationId] as const] : [];
    }),
  );
  const counts = ({ entity, pk, sk }: Item) =>
    entity !== 'message-pointer' || pk === `V#${toldIn.get(sk.slice(sk.indexOf('#') + 1))}`;
  for (const item of [...own, ...conversations.flat()].filter(counts)) {
    const { pk, sk, version: _version, newestPosition: _newest, awaitedAnchors: _awaited, ...shown } = item;
    const name = `${pk} ${sk}`.replaceAll(leaf, 'leaf');
    if (item.entity === 'interaction') state[name] = [item.conversationId, item.continuity];
    else if (item.entity === 'head') state[name] = decodeHead(item.content as Uint8Array);
    else state[name] = shown;
  }
  // The shard is a hash of the conversation's id, so it differs from leaf to leaf.
  return JSON.parse(
    JSON.stringify(state)
      .replaceAll(leaf, 'leaf')
      .replace(/"inboxStatus":"(\w+)#\d"/g, '"inboxStatus":"$1"'),
  );
}

/** The state after folding everything at once, on a leaf of its own. */
async function replayed(interactionsOf: (leaf: string) => Interaction[]): Promise<Record<string, unknown>> {
  const leaf = anyLeaf();
  await projection.store(interactionsOf(leaf));
  await refoldLeaf(projection, leaf);
  return stateOf(leaf);
}

/** A leaf's afternoon: views, a chat with an answer, a purchase, a name, and a second chat weeks later. */
function afternoon(leaf: string): Interaction[] {
  const hello = said('hello', mondayMs, { leaf });
  return [
    interaction({ leaf, messageId: 'view', occurredAtMs: mondayMs - hourMs, text: 'Vaccinations' }),
    hello,
    said('are you there?', mondayMs + minuteMs, { leaf }),
    answered('yes', mondayMs + 2 * minuteMs, hello.id, { leaf }),
    interaction({
      leaf,
      type: 'customer.identified',
      messageId: 'identify',
      occurredAtMs: mondayMs + 3 * minuteMs,
      properties: { traits: { name: 'Lena Vogt' } },
    }),
    interaction({
      leaf,
      type: 'order.completed',
      messageId: 'order',
      occurredAtMs: mondayMs + hourMs,
      properties: { revenue: 84.5, currency: 'EUR' },
    }),
    said('Minka again', mondayMs + 20 * dayMs, { leaf }),
  ];
}

describe('the head', () => {
  test('takes each interaction once, however often the stream repeats it', async () => {
    const leaf = anyLeaf();
    const interactions = afternoon(leaf);
    await projection.store(interactions);
    for (const batch of [interactions.slice(0, 3), interactions, interactions.slice(2)]) {
      expect(await projection.deliver(batch)).toEqual([]);
    }
    const { head, version } = await projection.customers.readState(leaf);
    expect(head?.byType).toEqual({
      'page.viewed': 1,
      'message.received': 3,
      'message.sent': 1,
      'customer.identified': 1,
      'order.completed': 1,
    });
    expect(head?.money).toEqual({ EUR: { orders: 1, revenueMinor: 8450 } });
    expect(version).toBe(2);
  });

  test('refolds its leaf for an interaction that lies below what it remembers', async () => {
    const leaf = anyLeaf();
    const views = Array.from({ length: 40 }, (_, index) =>
      interaction({ leaf, messageId: `view ${index}`, occurredAtMs: mondayMs + index * minuteMs }),
    );
    await projection.store(views);
    await projection.deliver(views.slice(1));
    projection.counted.splice(0);
    await projection.deliver(views.slice(0, 1));
    expect(projection.counted).toEqual(['LeavesRefolded']);
    await projection.deliver(views.slice(0, 1));
    const { head } = await projection.customers.readState(leaf);
    expect(head?.byType).toEqual({ 'page.viewed': 40 });
    expect(head?.firstSeenMs).toBe(mondayMs);
  });

  test('does not hide a message that a refold saw before its turn', async () => {
    const leaf = anyLeaf();
    const views = Array.from({ length: 30 }, (_, index) =>
      interaction({ leaf, messageId: `view ${index}`, occurredAtMs: mondayMs + index * minuteMs }),
    );
    const message = said('hello', mondayMs + hourMs, { leaf });
    await projection.store([...views, message]);
    await projection.deliver(views.slice(1));
    await projection.deliver(views.slice(0, 1));
    await projection.deliver([message]);
    expect((await projection.conversations.readCard(message.id))?.endedWith.text).toBe('hello');
    const { messages } = await projection.conversations.readMessages({ conversationId: message.id, limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(['hello']);
  });

  test('of ten interactions is written with one write unit', async () => {
    const leaf = anyLeaf();
    const interactions = afternoon(leaf).flatMap((one, index) => [
      one,
      interaction({
        leaf,
        messageId: `page ${index}`,
        occurredAtMs: mondayMs + index * minuteMs,
        text: `Travelling with your dog, part ${index}`,
      }),
    ]);
    await projection.deliver(interactions);
    const item = await table.get({ pk: `L#${leaf}`, sk: '~h' });
    expect(itemSize(item ?? {})).toBeLessThan(900);
  });
});

describe('what it costs', () => {
  test('views of one leaf in one batch: one read and one write', async () => {
    const leaf = anyLeaf();
    const views = Array.from({ length: 6 }, (_, index) =>
      interaction({ leaf, messageId: `view ${index}`, occurredAtMs: mondayMs + index * minuteMs }),
    );
    await projection.deliver(views.slice(0, 3));
    table.reset();
    await projection.deliver(views.slice(3));
    expect(table.calls).toEqual([
      { command: 'QueryCommand', readUnits: 1, writeUnits: 0 },
      { command: 'PutItemCommand', readUnits: 0, writeUnits: 1 },
    ]);
  });

  test('the next message of a chat: one read, then card with index, pointer, statement and head', async () => {
    const leaf = anyLeaf();
    const chat = [said('hello', mondayMs, { leaf }), said('more', mondayMs + minuteMs, { leaf })];
    await projection.store(chat);
    await projection.deliver(chat.slice(0, 1));
    table.reset();
    await projection.deliver(chat.slice(1));
    expect(table.calls.map(({ command }) => command)).toEqual([
      'QueryCommand',
      'PutItemCommand',
      'PutItemCommand',
      'UpdateItemCommand',
      'PutItemCommand',
    ]);
    const units = table.calls.reduce((sum, { writeUnits = 0 }) => sum + writeUnits, 0);
    expect(units).toBeLessThanOrEqual(6);
  });

  test('a repetition of what is known: one read; where it was said, its conversations are read too, and nothing written', async () => {
    const leaf = anyLeaf();
    const interactions = afternoon(leaf);
    await projection.store(interactions);
    await projection.deliver(interactions);
    table.reset();
    await projection.deliver(interactions.filter(({ type }) => type === 'order.completed'));
    expect(table.calls.map(({ command }) => command)).toEqual(['QueryCommand']);
    table.reset();
    await projection.deliver(interactions);
    expect(table.calls.map(({ command }) => command)).toEqual(['QueryCommand', 'QueryCommand', 'QueryCommand']);
  });
});

describe('a batch', () => {
  test('ignores everything that is no new interaction', async () => {
    const leaf = anyLeaf();
    const change = changeOf(interaction({ leaf, messageId: 'view' }), 0);
    table.reset();
    const failed = await projection.consume([
      { ...change, oldImage: change.newImage },
      { ...change, newImage: undefined },
      { ...change, newImage: { ...change.newImage, entity: 'pointer' } },
    ]);
    expect(failed).toEqual([]);
    expect(table.calls).toEqual([]);
  });

  test('reports the earliest change of a leaf that fails; the other leaves go on', async () => {
    const [broken, ...whole] = Array.from({ length: 25 }, anyLeaf);
    if (broken === undefined) throw new Error('a leaf');
    const view = (leaf: string, messageId: string) => interaction({ leaf, messageId });
    const changes = [...whole.map((leaf) => view(leaf, 'view')), view(broken, 'first'), view(broken, 'second')].map(
      changeOf,
    );
    const last = changes.at(-1);
    if (last) last.newImage = { ...last.newImage, content: '{' };
    const failed = await projection.consume(changes);
    expect(failed.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['1024']);
    for (const leaf of whole)
      expect((await projection.customers.readState(leaf)).head?.byType).toEqual({ 'page.viewed': 1 });
  });
});

describe('projection = replay', () => {
  test('whatever breaks off wherever, once the batch is given again', async () => {
    const expected = await replayed(afternoon);
    const deliveries = (all: Interaction[]) => [all.slice(0, 3), all.slice(3, 5), all.slice(5)];
    let crashes = 0;
    for (let failAt = 1; ; failAt++) {
      const leaf = anyLeaf();
      const interactions = afternoon(leaf);
      await projection.store(interactions);
      const failing = failingTable(table, failAt);
      const breaking = createProjection(failing);
      for (const batch of deliveries(interactions)) {
        const broken = await breaking.deliver(batch);
        if (broken.length > 0) crashes++;
        if (broken.length > 0) expect(await projection.deliver(batch)).toEqual([]);
      }
      expect(await stateOf(leaf), `write ${failAt}`).toEqual(expected);
      if (!failing.failed()) break;
    }
    expect(crashes).toBeGreaterThan(10);
  });

  test('whatever breaks off while messages move to another conversation', async () => {
    // The oldest message comes last and bridges two conversations; an answer to one that comes later is among them.
    const story = (leaf: string) => {
      const first = said('first', mondayMs, { leaf });
      const third = said('third', mondayMs + 20 * dayMs, { leaf });
      const bridge = said('bridge', mondayMs + 10 * dayMs, { leaf });
      const answer = answered('answer', mondayMs + 20 * dayMs + minuteMs, third.id, { leaf });
      return [first, third, answer, bridge];
    };
    const expected = await replayed(story);
    for (let failAt = 1; ; failAt++) {
      const leaf = anyLeaf();
      const [first, third, answer, bridge] = story(leaf);
      if (!first || !third || !answer || !bridge) throw new Error('a story of four');
      await projection.store([first, third, answer, bridge]);
      const failing = failingTable(table, failAt);
      const breaking = createProjection(failing);
      await projection.deliver([third]);
      for (const batch of [[first], [answer], [bridge]]) {
        const broken = await breaking.deliver(batch);
        if (broken.length > 0) expect(await projection.deliver(batch)).toEqual([]);
      }
      expect(await stateOf(leaf), `write ${failAt}`).toEqual(expected);
      if (!failing.failed()) break;
    }
  });

  test('where a slower fold writes a card from an older head, after a newer one has looked at it, and ends there', async () => {
    const leaf = anyLeaf();
    const [hello, more] = [said('hello', mondayMs, { leaf }), said('more', mondayMs + minuteMs, { leaf })];
    const named = interaction({
      leaf,
      type: 'customer.identified',
      messageId: 'identify',
      occurredAtMs: mondayMs + hourMs,
      properties: { traits: { name: 'Lena Vogt' } },
    });
    await projection.store([hello]);
    await projection.deliver([hello]);
    await projection.store([more, named]);
    /** A projection that waits before it writes an item of this name; `after` happens once that is written. */
    const waiting = (name: string, after: () => void = () => undefined) => {
      const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const put: Table['put'] = async (item, condition) => {
        if (!item.sk.startsWith(name)) return table.put(item, condition);
        reached.resolve();
        await goOn.promise;
        const outcome = await table.put(item, condition);
        after();
        return outcome;
      };
      return { reached: reached.promise, goOn: goOn.resolve, projection: createProjection({ ...table, put }) };
    };
    const newer = waiting('~h');
    const older = waiting('~v', () => {
      throw new Error('the process ended here');
    });
    const [whole, part] = [
      newer.projection.deliver([more, named]),
      newer.reached.then(() => older.projection.deliver([more])),
    ];
    await newer.reached;
    await older.reached;
    newer.goOn();
    expect(await whole).toEqual([]);
    older.goOn();
    expect(await part).toHaveLength(1);
    expect(await projection.deliver([more])).toEqual([]);
    expect(await projection.conversations.readCard(hello.id)).toMatchObject({ name: 'Lena Vogt' });
  });

  test('where a request that its sender gave up is carried out after others have found that nothing begins there', async () => {
    const story = (leaf: string) => [said('first', mondayMs, { leaf }), said('second', mondayMs + minuteMs, { leaf })];
    const expected = await replayed(story);
    const leaf = anyLeaf();
    const [first, second] = story(leaf);
    if (!first || !second) throw new Error('a story of two');
    const givenUp: (() => Promise<unknown>)[] = [];
    const unheard: Table = {
      ...table,
      transact: async (operations) => {
        givenUp.push(() => table.transact(operations));
        throw new Error('the process ended here');
      },
    };
    await projection.store([second]);
    expect(await createProjection(unheard).deliver([second])).toHaveLength(1);
    await projection.store([first]);
    await projection.deliver([first, second]);
    expect(givenUp).toHaveLength(1);
    await Promise.all(givenUp.map((carryOut) => carryOut()));
    expect(await stateOf(leaf)).toEqual(expected);
  });

  test('in whatever order, batches and repetitions the stream tells of them', async () => {
    const plan = fc.record({
      story: fc.array(
        fc.record({
          kind: fc.constantFrom('said', 'said', 'answered', 'view', 'name'),
          day: fc.constantFrom(0, 0, 1, 14, 15, 30, 45, 60, 75, 90),
          minute: fc.integer({ min: 0, max: 20 }),
          delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100 * hourMs })),
          refersTo: fc.nat(),
        }),
        { minLength: 1, maxLength: 12, size: 'max' },
      ),
      order: fc.infiniteStream(fc.nat()),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ story, order, sizes }) => {
        const build = (leaf: string): Interaction[] => {
          const ids: string[] = [];
          return story.map(({ kind, day, minute, delayMs, refersTo }, index) => {
            const occurredAtMs = mondayMs + day * dayMs + minute * minuteMs;
            const fields = { leaf, receivedAtMs: occurredAtMs + delayMs };
            const name = `${kind}-${index}`;
            const one =
              kind === 'said'
                ? said(name, occurredAtMs, fields)
                : kind === 'answered'
                  ? answered(name, occurredAtMs, ids[refersTo % (ids.length + 1)], fields)
                  : kind === 'name'
                    ? interaction({
                        ...fields,
                        type: 'customer.identified',
                        messageId: name,
                        occurredAtMs,
                        properties: { traits: { name } },
                      })
                    : interaction({ ...fields, messageId: name, occurredAtMs });
            ids.push(one.id);
            return one;
          });
        };
        const leaf = anyLeaf();
        const interactions = build(leaf);
        await projection.store(interactions);
        const repeated = [...interactions, ...interactions.slice(0, 3)]
          .map((one) => ({ one, rank: order.next().value }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ one }) => one);
        while (repeated.length > 0) {
          const batch = repeated.splice(0, sizes.next().value);
          expect(await projection.deliver(batch)).toEqual([]);
        }
        expect(withoutMovedNames(await stateOf(leaf))).toEqual(withoutMovedNames(await replayed(build)));
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  test('where two consumers fold the same leaf at the same time', async () => {
    const expected = await replayed(afternoon);
    for (let round = 0; round < 10; round++) {
      const leaf = anyLeaf();
      const interactions = afternoon(leaf);
      await projection.store(interactions);
      const other = createProjection(table);
      const failed = await Promise.all([
        projection.deliver(interactions.slice(0, 2)),
        other.deliver(interactions.slice(2, 5)),
        projection.deliver(interactions.slice(5)),
        other.deliver(interactions),
      ]);
      expect(failed.flat()).toEqual([]);
      expect(await stateOf(leaf)).toEqual(expected);
    }
  });
});

/** A conversation that no longer lies with the head keeps the name under which it moved away. */
function withoutMovedNames(state: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [
      key,
      key.startsWith('V#') ? { ...(value as object), name: '' } : value,
    ]),
  );
}
