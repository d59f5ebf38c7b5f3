import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { cardKey } from '../../shared/conversation/conversationCard.ts';
import { messageKey, pointerKey } from '../../shared/conversation/conversationKeys.ts';
import { customerKey, headKey } from '../../shared/customer/customerKeys.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import type { Item, ItemKey } from '../../shared/platform/table.ts';
import { type AuditPorts, auditCustomer } from '../../shared/repair/auditCustomer.ts';
import { replayCustomer } from '../../shared/repair/replayCustomer.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { type Family, family, missedCall } from '../support/families.ts';
import { answered, dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { failingTable } from '../support/projection.ts';
import { createTableInMemory } from '../support/tableInMemory.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const table = createTableInMemory();
const projection = createCustomerProjection(table);
const everywhere = { write: async () => undefined, has: async () => true, find: () => Promise.reject(new Error()) };
const ports: AuditPorts = { ...projection, search: everywhere };

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
  await projection.settle();
}

const differencesOf = async (leaf: Leaf) =>
  (await auditCustomer(ports, leaf)).differences.map(({ id, what }) => `${what} ${id}`).sort();

let leaves = 0;
const someLeaf = () => newLeaf(`replayed-${leaves++}-`);

const deed = fc.record({
  kind: fc.constantFrom('said', 'said', 'mailed', 'answered', 'view', 'name', 'called', 'resolved', 'snoozed'),
  /** On which leaf. */
  on: fc.integer({ min: 0, max: 2 }),
  day: fc.constantFrom(0, 0, 1, 2, 14, 15, 30, 45, 60, 75, 90),
  minute: fc.integer({ min: 0, max: 20 }),
  delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100 * hourMs })),
  refersTo: fc.nat(),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** What a customer of three leaves does over a quarter of a year, and how the streams tell of it. */
const plan = fc.record({
  story: fc.array(deed, { minLength: 1, maxLength: 12, size: 'max' }),
  /** After how many batches a leaf is linked to the first one, or taken away from it. */
  changes: fc.array(
    fc.record({
      does: fc.constantFrom('link', 'link', 'unlink'),
      to: fc.integer({ min: 1, max: 2 }),
      after: fc.nat(8),
      day: fc.nat(90),
    }),
    { maxLength: 5 },
  ),
  order: fc.infiniteStream(fc.nat()),
  sizes: fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
  failAt: fc.integer({ min: 1, max: 60 }),
});

function interactionsOf(story: readonly Deed[], members: Family): Interaction[] {
  const ids: string[] = [];
  return story.map(({ kind, on, day, minute, delayMs, refersTo }, index) => {
    const leaf = members[on]?.leaf ?? members[0].leaf;
    const occurredAtMs = mondayMs + day * dayMs + minute * minuteMs;
    const fields = { leaf, receivedAtMs: occurredAtMs + delayMs };
    const name = `${kind}-${index}`;
    const build = (): Interaction => {
      switch (kind) {
        case 'said':
          return said(name, occurredAtMs, fields);
        case 'mailed':
          return said(name, occurredAtMs, {
            ...fields,
            channel: 'email',
            properties: { subject: `About ${minute % 3}` },
          });
        case 'answered':
          return answered(name, occurredAtMs, ids[refersTo % (ids.length + 1)], fields);
        case 'resolved':
        case 'snoozed':
          return interaction({
            ...fields,
            type: `conversation.${kind}`,
            messageId: name,
            occurredAtMs,
            channel: 'system',
            direction: 'internal',
            properties: {
              message: ids[refersTo % (ids.length + 1)] ?? 'none',
              until: new Date(occurredAtMs + dayMs).toISOString(),
            },
          });
        case 'called':
          return missedCall(leaf, name, occurredAtMs);
        case 'name':
          return interaction({
            ...fields,
            type: 'customer.identified',
            messageId: name,
            occurredAtMs,
            properties: { traits: { name } },
          });
        default:
          return interaction({ ...fields, messageId: name, occurredAtMs });
      }
    };
    const one = build();
    ids.push(one.id);
    return one;
  });
}

describe('a check finds nothing', () => {
  test('whatever the order, batches and repetitions of the stream, over months, with links, unlinks and a crash in between', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ story, changes, order, sizes, failAt }) => {
        const members = family();
        const interactions = interactionsOf(story, members);
        await projection.store(interactions);
        const repeated = [...interactions, ...interactions.slice(0, 4)]
          .map((one) => ({ one, rank: order.next().value }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ one }) => one);
        const breaking = createCustomerProjection(failingTable(table, failAt), projection.untold);
        for (let batches = 0; repeated.length > 0; batches++) {
          for (const { does, to, day } of changes.filter(({ after }) => after === batches)) {
            const [first, other] = [members[0], members[to] ?? members[1]];
            const atMs = mondayMs + day * dayMs + to;
            await (does === 'link' ? projection.link(first, other, atMs) : projection.unlink(other, first, atMs));
          }
          const batch = repeated.splice(0, sizes.next().value);
          if ((await breaking.deliver(batch)).length > 0) expect(await projection.deliver(batch)).toEqual([]);
          const heads = projection.untold.splice(0, sizes.next().value);
          if ((await breaking.decide(heads)).length > 0) expect(await projection.decide(heads)).toEqual([]);
        }
        await projection.settle();
        for (const { leaf } of members) expect(await differencesOf(leaf)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  test('writes nothing', async () => {
    const leaf = someLeaf();
    await happened(said('Hello', mondayMs, { leaf }), said('Again', mondayMs + 40 * dayMs, { leaf }));
    const before = table.writes();
    await auditCustomer(ports, leaf);
    await replayCustomer(ports, leaf);
    expect(table.writes()).toBe(before);
  });

  test('for a leaf that has nothing', async () => {
    expect(await differencesOf(someLeaf())).toEqual([]);
  });
});

describe('a check finds, and a replay mends,', () => {
  /** A linked customer with seven conversations, of which two lie apart. */
  async function customer() {
    const members = family();
    const [account, , visitor] = members;
    const messages = Array.from({ length: 7 }, (_, index) =>
      said(`question ${index}`, mondayMs + index * 20 * dayMs, { leaf: visitor.leaf }),
    );
    await happened(...messages);
    await projection.link(account, visitor, mondayMs + 200 * dayMs);
    await projection.settle();
    const [oldest, , , , , , latest] = messages;
    if (!oldest || !latest) throw new Error('seven messages');
    return { root: account.leaf, leaf: visitor.leaf, oldest, latest };
  }
  const change = async (key: ItemKey, set: Record<string, unknown>): Promise<void> => {
    const item = await table.get(key, { consistent: true });
    if (item === undefined) throw new Error('something to spoil');
    await table.put({ ...item, ...set } as Item);
  };
  const remove = (key: ItemKey) => table.transact([{ delete: key }]);
  const arrivalOf = ({ id, receivedAt }: Interaction) =>
    `${Date.parse(receivedAt).toString(36).padStart(9, '0')}#${id}`;

  test.each<[string, (found: Awaited<ReturnType<typeof customer>>) => Promise<[string, unknown]>]>([
    [
      'a head that is another one’s',
      async ({ leaf, root }) => {
        const other = someLeaf();
        await happened(said('Hello', mondayMs, { leaf: other }));
        const head = await table.get(headKey(other));
        return [`head ${leaf}`, [await change(headKey(leaf), { content: head?.content }), root]];
      },
    ],
    ['a head that is missing', async ({ leaf }) => [`head ${leaf}`, await remove(headKey(leaf))]],
    ['a customer that is missing', async ({ root }) => [`customer ${root}`, await remove(customerKey(root))]],
    [
      'a card that says something else',
      async ({ latest }) => [`card ${latest.id}`, await change(cardKey(latest.id, 'leaf'), { owes: 'nobody' })],
    ],
    [
      'a card that lies apart and names another customer',
      async ({ oldest }) => [
        `card ${oldest.id}`,
        await change(cardKey(oldest.id, 'moved'), { customerId: someLeaf() }),
      ],
    ],
    ['a card that is missing', async ({ oldest }) => [`card ${oldest.id}`, await remove(cardKey(oldest.id, 'moved'))]],
    [
      'a pointer that is missing',
      async ({ oldest }) => [`pointer ${oldest.id}`, await remove(pointerKey(oldest.id, arrivalOf(oldest)))],
    ],
    [
      'a message that names another conversation',
      async ({ oldest, latest }) => [
        `statement ${latest.id}`,
        await change(messageKey(latest.id), { conversationId: oldest.id }),
      ],
    ],
  ])('%s', async (_, spoil) => {
    const found = await customer();
    expect(await differencesOf(found.root)).toEqual([]);
    const [difference] = await spoil(found);
    expect(await differencesOf(found.leaf)).toContain(difference);
    const mended = await replayCustomer(ports, found.leaf);
    expect(mended.map(({ id, what }) => `${what} ${id}`)).toContain(difference);
    await projection.settle();
    expect(await differencesOf(found.root)).toEqual([]);
  });

  test('a pointer that a move left behind: nobody sees it, so it is no difference, and a replay takes it away', async () => {
    const { latest, leaf, oldest } = await customer();
    const stray = pointerKey(oldest.id, arrivalOf(latest));
    await table.put({ ...stray, entity: 'message-pointer', by: 'customer' });
    expect(await differencesOf(leaf)).toEqual([]);
    await replayCustomer(ports, leaf);
    expect(await table.get(stray, { consistent: true })).toBeUndefined();
  });

  test('a name under which a leaf is not found', async () => {
    const search = createSearchStore(table, Buffer.alloc(32, 'a pepper of the tests'));
    const leaf = someLeaf();
    const named = interaction({
      leaf,
      type: 'customer.identified',
      messageId: 'name',
      properties: { traits: { name: 'Lena Vogt' } },
    });
    await happened(named);
    const searching = { ...ports, search };
    expect((await auditCustomer(searching, leaf)).differences).toEqual([{ what: 'search-term', id: leaf }]);
    await replayCustomer(searching, leaf);
    expect((await auditCustomer(searching, leaf)).differences).toEqual([]);
  });
});
