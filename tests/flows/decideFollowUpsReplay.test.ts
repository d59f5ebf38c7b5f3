import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import type { ItemChange } from '../../shared/platform/stream.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type Family, family, freshly, missedCall, type Story, stateOf } from '../support/families.ts';
import { answered, dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { failingTable } from '../support/projection.ts';
import { createTableInMemory } from '../support/tableInMemory.ts';

const table = createTableInMemory();
const projection = createCustomerProjection(table);

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
}

/** A linked customer's afternoon: chats on two leaves, a link between them, a call, a mail, an answer, a name. */
function afternoon([account, number, visitor]: Family): Story {
  const hello = said('hello', mondayMs, { leaf: visitor.leaf });
  return {
    interactions: [
      hello,
      said('text message', mondayMs + 2 * minuteMs, { leaf: number.leaf, channel: 'sms' }),
      said('after the link', mondayMs + hourMs, { leaf: visitor.leaf }),
      answered('answer', mondayMs + hourMs + minuteMs, hello.id, { leaf: visitor.leaf }),
      missedCall(number.leaf, 'CA1', mondayMs + 2 * hourMs),
      interaction({
        leaf: account.leaf,
        type: 'customer.identified',
        messageId: 'identify',
        occurredAtMs: mondayMs + 3 * hourMs,
        properties: { traits: { name: 'Lena Vogt' } },
      }),
      said('a mail', mondayMs + 4 * hourMs, { leaf: account.leaf, channel: 'email', properties: { subject: 'Minka' } }),
    ],
    links: [
      [account, visitor, mondayMs + 10 * minuteMs + 1],
      [account, number, mondayMs + 11 * minuteMs + 1],
    ],
  };
}

describe('projection = replay, for a linked customer', () => {
  test('whatever breaks off wherever, once the batch is given again', async () => {
    const expected = await freshly(table, projection, afternoon);
    let crashes = 0;
    for (let failAt = 1; ; failAt++) {
      const members = family();
      const { interactions, links } = afternoon(members);
      await projection.store(interactions);
      expect(await projection.deliver(interactions.slice(0, 3))).toEqual([]);
      for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
      expect(await projection.deliver([...projection.facts.splice(0), ...interactions.slice(3)])).toEqual([]);
      const failing = failingTable(table, failAt);
      const breaking = createCustomerProjection(failing);
      while (projection.untold.length > 0) {
        const batch = projection.untold.splice(0, 2);
        const broken = await breaking.decide(batch);
        if (broken.length > 0) crashes++;
        if (broken.length > 0) expect(await projection.decide(batch)).toEqual([]);
      }
      expect(await stateOf(table, projection, members), `write ${failAt}`).toEqual(expected);
      if (!failing.failed()) break;
    }
    expect(crashes).toBeGreaterThan(8);
  }, 60_000);

  test('where a leaf is linked and folded with the others while it is being refolded as one that is alone', async () => {
    const build = ([account, number, visitor]: Family): Story => ({
      interactions: [
        said('hello', mondayMs, { leaf: visitor.leaf }),
        said('text message', mondayMs + minuteMs, { leaf: number.leaf, channel: 'sms' }),
        ...Array.from({ length: 40 }, (_, index) =>
          interaction({
            leaf: number.leaf,
            messageId: `view ${index}`,
            occurredAtMs: mondayMs - hourMs + index * 1000,
          }),
        ),
      ],
      links: [
        [account, visitor, mondayMs - dayMs + 1],
        [account, number, mondayMs - dayMs + 2],
      ],
    });
    const members = family();
    const { interactions, links } = build(members);
    const [first, second, oldest, ...others] = interactions;
    if (!first || !second || !oldest) throw new Error('a story');
    await happened(first, second, ...others);
    await projection.store([oldest]);
    const meanwhile = async () => {
      for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
      await projection.settle();
    };
    let queries = 0;
    // The leaf is read as alone twice: when the oldest view turns out to lie below its mark, and for the refold. What
    // that would write is refused then, so it is read again.
    const slow = createCustomerProjection(
      {
        ...table,
        async query(range) {
          const answer = await table.query(range);
          if (range.from === '~' && ++queries === 2) await meanwhile();
          return answer;
        },
      },
      projection.untold,
    );
    expect(await slow.deliver([oldest])).toEqual([]);
    expect(queries).toBe(3);
    await projection.settle();
    expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, build));
  });

  test('also of conversations that lie apart from the others: each says whose it is', async () => {
    const build = ([account, , visitor]: Family): Story => ({
      interactions: Array.from({ length: 8 }, (_, index) =>
        said(`question ${index}`, mondayMs + index * 20 * dayMs, { leaf: visitor.leaf }),
      ),
      links: [[account, visitor, mondayMs + 200 * dayMs]],
    });
    const members = family();
    const { interactions, links } = build(members);
    await happened(...interactions);
    for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
    await projection.settle();
    const cards = await Promise.all(interactions.map(({ id }) => projection.conversations.readCard(id)));
    expect(cards.map((card) => card?.customerId)).toEqual(interactions.map(() => members[0].leaf));
    expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, build));
  });

  test('where a conversation was begun, the fold broke off, and its message turned out to belong elsewhere', async () => {
    const build = ([account, number, visitor]: Family): Story => {
      const properties = { callId: 'twilio:CA1' };
      const report = { leaf: number.leaf, channel: 'voice' as const, properties };
      return {
        interactions: [
          ...Array.from({ length: 6 }, (_, index) =>
            said(`question ${index}`, mondayMs + index * 20 * dayMs, { leaf: visitor.leaf }),
          ),
          // Reported so late that by itself it would stand alone, behind the conversations at hand.
          interaction({
            ...report,
            type: 'call.ended',
            messageId: 'ended',
            occurredAtMs: mondayMs + minuteMs,
            receivedAtMs: mondayMs + 10 * dayMs,
          }),
          interaction({ ...report, type: 'call.started', messageId: 'started', occurredAtMs: mondayMs }),
        ],
        links: [
          [account, visitor, mondayMs - dayMs],
          [account, number, mondayMs - dayMs + 1],
        ],
      };
    };
    const members = family();
    const { interactions, links } = build(members);
    for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
    await happened(...interactions.slice(0, 6));
    await projection.settle();
    await happened(...interactions.slice(6, 7));
    const untold = projection.untold.splice(0);
    const breaking = createCustomerProjection(failingTable(table, 3));
    expect(await breaking.decide(untold)).toHaveLength(1);
    expect(await projection.conversations.readMovedCard(interactions[6]?.id ?? '')).toBeDefined();
    await happened(...interactions.slice(7));
    expect(await projection.decide(untold)).toEqual([]);
    await projection.settle();
    expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, build));
  });

  /** Something happens after a fold has read the messages of this many leaves, before it writes anything. */
  const overtaken = (on: Table, leaves: number, meanwhile: () => Promise<void>) => {
    let reads = 0;
    return createCustomerProjection(
      {
        ...on,
        async query(range) {
          const answer = await on.query(range);
          if (range.from.startsWith('E#') && ++reads === leaves) await meanwhile();
          return answer;
        },
      },
      projection.untold,
    );
  };
  /** What was said last on one leaf continues what was said before on the other. */
  const twoMessages = ([account, number, visitor]: Family): Story => ({
    interactions: [
      said('first', mondayMs, { leaf: account.leaf }),
      said('second', mondayMs + hourMs, { leaf: visitor.leaf }),
    ],
    links: [
      [number, visitor, mondayMs - dayMs],
      [account, number, mondayMs - dayMs + 1],
    ],
  });

  test.each([
    ['and ends', Number.POSITIVE_INFINITY],
    ['and breaks off after writing what it thought', 2],
  ])('where a slower fold of older messages is overtaken by a newer one, %s', async (_, failAt) => {
    const members = family();
    const { interactions, links } = twoMessages(members);
    const [first, second] = interactions;
    if (!first || !second) throw new Error('a story of two');
    for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
    await projection.settle();
    await happened(second);
    const news = projection.untold.splice(0);
    const failing = failingTable(table, failAt);
    const slow = overtaken(failing, 3, async () => {
      await happened(first);
      await projection.settle();
    });
    const failed = await slow.decide(news);
    expect(failed).toHaveLength(failing.failed() ? 1 : 0);
    expect(failing.failed()).toBe(failAt === 2);
    if (failed.length > 0) expect(await projection.decide(news)).toEqual([]);
    await projection.settle();
    expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, twoMessages));
  });

  test('where the root comes below another one while the leaves below it are being folded', async () => {
    const members = family();
    const { interactions, links } = twoMessages(members);
    const [first, second] = interactions;
    const [below, above] = links;
    if (!first || !second || !below || !above) throw new Error('a story of two');
    await happened(first);
    await projection.link(...below);
    await projection.settle();
    await happened(second);
    const news = projection.untold.splice(0);
    const slow = overtaken(table, 2, async () => {
      await projection.link(...above);
      await projection.settle();
    });
    expect(await slow.decide(news)).toEqual([]);
    await projection.settle();
    expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, twoMessages));
  });

  test('where several consumers fold the same customer at the same time', async () => {
    const expected = await freshly(table, projection, afternoon);
    for (let round = 0; round < 5; round++) {
      const members = family();
      const { interactions, links } = afternoon(members);
      await projection.store(interactions);
      await projection.deliver(interactions.slice(0, 4));
      for (const [a, b, atMs] of links) await projection.link(a, b, atMs);
      const others = [0, 1].map(() => createCustomerProjection(table, projection.untold));
      const all = projection.untold.splice(0);
      const outcomes = await Promise.all([
        projection.decide(all),
        projection.deliver(interactions.slice(4, 6)),
        ...others.map((other) => other.decide(all.slice(-2))),
        ...others.map((other) => other.deliver(interactions.slice(2))),
      ]);
      expect(outcomes.flat()).toEqual([]);
      await projection.settle();
      expect(await stateOf(table, projection, members)).toEqual(expected);
    }
  }, 60_000);

  test('in whatever order of interactions, links, batches, repetitions and crashes', async () => {
    const plan = fc.record({
      story: fc.array(
        fc.record({
          kind: fc.constantFrom('said', 'said', 'text', 'mail', 'answered', 'call', 'name', 'view'),
          member: fc.nat({ max: 2 }),
          day: fc.constantFrom(0, 0, 0, 1, 14, 15, 30, 45),
          minute: fc.integer({ min: 0, max: 20 }),
          delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 * hourMs })),
          refersTo: fc.nat(),
        }),
        { minLength: 2, maxLength: 9, size: 'max' },
      ),
      linkedOn: fc.tuple(fc.constantFrom(0, 1, 20, 60), fc.constantFrom(0, 1, 20, 60)),
      throughAccount: fc.boolean(),
      order: fc.infiniteStream(fc.nat()),
      steps: fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      failAt: fc.infiniteStream(fc.integer({ min: 1, max: 25 })),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ story, linkedOn, throughAccount, order, steps, failAt }) => {
        const build = (members: Family): Story => {
          const ids: string[] = [];
          const [account, number, visitor] = members;
          const interactions = story.map(({ kind, member, day, minute, delayMs, refersTo }, index) => {
            const occurredAtMs = mondayMs + day * dayMs + minute * minuteMs;
            const leaf = members[member]?.leaf ?? account.leaf;
            const fields = { leaf, receivedAtMs: occurredAtMs + delayMs };
            const messageId = `${kind}-${index}`;
            const one = {
              said: () => said(messageId, occurredAtMs, fields),
              text: () => said(messageId, occurredAtMs, { ...fields, channel: 'sms' }),
              mail: () =>
                said(messageId, occurredAtMs, {
                  ...fields,
                  channel: 'email',
                  properties: { subject: `Subject ${minute % 2}` },
                }),
              answered: () => answered(messageId, occurredAtMs, ids[refersTo % (ids.length + 1)], fields),
              call: () => {
                const stage = ['started', 'answered', 'ended', 'missed'][refersTo % 4];
                const properties = { callId: `twilio:CA${minute % 2}` };
                return interaction({
                  ...fields,
                  type: `call.${stage}`,
                  channel: 'voice',
                  messageId,
                  occurredAtMs,
                  properties,
                });
              },
              name: () =>
                interaction({
                  ...fields,
                  type: 'customer.identified',
                  messageId,
                  occurredAtMs,
                  properties: { traits: { name: messageId } },
                }),
              view: () => interaction({ ...fields, messageId, occurredAtMs }),
            }[kind]();
            ids.push(one.id);
            return one;
          });
          const ends: [Member, Member] = throughAccount ? [account, number] : [number, visitor];
          return {
            interactions,
            links: [
              [account, visitor, mondayMs + linkedOn[0] * dayMs + 1],
              [...ends, mondayMs + linkedOn[1] * dayMs + 2],
            ],
          };
        };

        const members = family();
        const { interactions, links } = build(members);
        await projection.store(interactions);
        const untold: ItemChange[] = [];
        const whole = createCustomerProjection(table, untold);
        const pending = [...interactions, ...interactions.slice(0, 2)]
          .map((one) => ({ one, rank: order.next().value }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ one }) => one);
        const unlinked = [...links];
        while (pending.length > 0 || unlinked.length > 0 || untold.length > 0) {
          const step = steps.next().value;
          const acting =
            step % 2 === 0 ? whole : createCustomerProjection(failingTable(table, failAt.next().value), untold);
          if (step < 4 && pending.length > 0) {
            const batch = pending.splice(0, 1 + step);
            if ((await acting.deliver(batch)).length > 0) pending.push(...batch);
          } else if (step < 6 && unlinked.length > 0) {
            const [link] = unlinked.splice(0, 1);
            if (link) await whole.link(...link);
            pending.push(...whole.facts.splice(0));
          } else if (untold.length > 0) {
            const batch = untold.splice(step % 3 === 0 ? 0 : Math.max(0, untold.length - 2), 2);
            if ((await acting.decide(batch)).length > 0) untold.push(...batch);
            else if (step === 9) untold.push(...batch.slice(0, 1));
          }
        }
        expect(await stateOf(table, projection, members)).toEqual(await freshly(table, projection, build));
      }),
      { numRuns: 100 },
    );
  }, 180_000);
});
