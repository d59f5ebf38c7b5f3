import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdentifierType, identifierTypes } from '../../shared/contracts/identifier.ts';
import type { Identities } from '../../shared/identity/identities.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import type { Table } from '../../shared/platform/table.ts';
import { createModel, partitionOfStatements, type Saying } from '../support/identityModel.ts';
import { expectSoundTrees, link, member, nodesOf, partition, partitionOf, unlink } from '../support/identityTrees.ts';
import { createMemoryTable, type MemoryTable, type RequestFault } from '../support/memoryTable.ts';

const pool = (sizes: Partial<Record<IdentifierType, number>>): Member[] =>
  identifierTypes.flatMap((type) => Array.from({ length: sizes[type] ?? 0 }, (_, index) => member(type, index)));

/** So few of each type that no limit is met, and no numbers. */
const small = pool({ userId: 1, email: 3, externalId: 2, anonymousId: 5 });
/** Two accounts, a shared number or three, and browsers. */
const household = pool({ userId: 2, email: 2, phone: 3, anonymousId: 4 });
/** More browsers than one customer may have. */
const crowd = pool({ userId: 1, email: 2, phone: 1, anonymousId: 26 });

const leavesOf = (members: readonly Member[]) => members.map(({ leaf }) => leaf);

const sayingsAmong = (members: readonly Member[], maxLength: number, unlinks = 3): fc.Arbitrary<Saying[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 10 - unlinks,
        arbitrary: fc.record({
          does: fc.constant('link' as const),
          a: fc.constantFrom(...members),
          b: fc.constantFrom(...members),
          trust: fc.constantFrom('asserted' as const, 'proven' as const),
        }),
      },
      {
        weight: unlinks,
        arbitrary: fc.record({
          does: fc.constant('unlink' as const),
          a: fc.constantFrom(...members),
          b: fc.constantFrom(...members),
        }),
      },
    ),
    { minLength: 1, maxLength },
  );

const faults = fc.infiniteStream(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<RequestFault>(undefined) },
    { weight: 1, arbitrary: fc.constant<RequestFault>('not-made') },
    { weight: 1, arbitrary: fc.constant<RequestFault>('answer-lost') },
    { weight: 1, arbitrary: fc.constant<RequestFault>('late') },
  ),
);

const identitiesOn = (table: MemoryTable): Identities =>
  createIdentityStore(table as MemoryTable & Table, async () => {});

/** As stream and callers do it: what failed is said again. */
async function say(identities: Identities, saying: Saying, evidence: string): Promise<void> {
  const { a, b } = saying;
  if (saying.does === 'unlink' && a.leaf === b.leaf) return;
  for (let attempt = 0; attempt < 30; attempt++) {
    const outcome = await (saying.does === 'link'
      ? identities.link(link(a, b, { trust: saying.trust, evidence, ...(saying.lifts ? { lifts: true } : {}) }))
      : identities.unlink(unlink(a, b, { evidence }))
    ).catch(() => undefined);
    if (outcome) return;
  }
  throw new Error('what was said was never done');
}

/** Everything that was begun is over, also what nobody waited for. */
async function settled(scheduler: fc.Scheduler, table: MemoryTable, work: Promise<unknown>): Promise<void> {
  await scheduler.waitFor(work);
  for (let done = 0; done < table.late.length; done++) await scheduler.waitFor(table.late[done] ?? Promise.resolve());
}

describe('links, unlinks and finds in any order, at the same time, with requests and answers lost or late', () => {
  test.each([
    ['few identifiers', small],
    ['a household', household],
    ['a crowd of browsers', crowd],
  ])('leave sound trees in which no separated pair is together: %s', async (_, members) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, sayingsAmong(members, 24), async (scheduler, fate, sayings) => {
        let isOver = false;
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => (isOver ? undefined : fate.next().value),
        );
        const identities = identitiesOn(table);
        const work = sayings.map((saying, index) => say(identities, saying, `evidence-${index}`));
        const finds = leavesOf(members).map((leaf) => identities.find(leaf).catch(() => undefined));
        await settled(scheduler, table, Promise.all([...work, ...finds]));
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(members, nodes);
        const groups = partitionOf(leavesOf(members), nodes);
        for (const { a, b, does } of sayings) {
          if (does === 'unlink' && a.leaf !== b.leaf) {
            expect(groups.find((group) => group.includes(a.leaf))).not.toContain(b.leaf);
          }
        }
        isOver = true;
        await scheduler.waitFor(
          Promise.all(
            leavesOf(members).map(async (leaf) => {
              const { leaves, root } = await identities.find(leaf);
              expect(leaves.toSorted()).toEqual(groups.find((group) => group.includes(leaf)));
              expect(leaves[0]).toBe(root);
            }),
          ),
        );
      }),
      { numRuns: 80 },
    );
  });
});

describe('what is said one after the other, with answers lost', () => {
  test('makes exactly the customers that it says: an unlink leaves two sides that are what edges connect', async () => {
    await fc.assert(
      fc.asyncProperty(faults, sayingsAmong(small, 24), fc.nat(3), async (fate, sayings, lifting) => {
        const table = createMemoryTable(
          async () => undefined,
          () => fate.next().value,
        );
        const identities = identitiesOn(table);
        const model = createModel(leavesOf(small));
        for (const [index, saying] of sayings.entries()) {
          const said = saying.does === 'link' && index % 4 === lifting ? ({ ...saying, lifts: true } as const) : saying;
          await say(identities, said, `evidence-${index}`);
          await Promise.all(table.late);
          model.say(said);
          const nodes = nodesOf(table.items.values());
          expectSoundTrees(small, nodes);
          expect(partitionOf(leavesOf(small), nodes)).toEqual(model.partition());
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('numbers that belong to several people', () => {
  const people = pool({ email: 4, externalId: 1, phone: 3, anonymousId: 4 });
  const statements = fc.array(fc.tuple(fc.constantFrom(...people), fc.constantFrom(...people)), {
    minLength: 1,
    maxLength: 12,
  });

  test('join nobody, whatever was stated first', async () => {
    await fc.assert(
      fc.asyncProperty(statements, async (links) => {
        const table = createMemoryTable();
        const identities = identitiesOn(table);
        for (const [index, [a, b]] of links.entries()) {
          await identities.link(link(a, b, { evidence: `evidence-${index}` }));
        }
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(people, nodes);
        expect(partitionOf(leavesOf(people), nodes)).toEqual(partitionOfStatements(people, links));
      }),
      { numRuns: 120 },
    );
  });

  test('join nobody either where everything is stated at once, with requests lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, statements, async (scheduler, fate, links) => {
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => fate.next().value,
        );
        const identities = identitiesOn(table);
        const work = links.map(([a, b], index) =>
          say(identities, { does: 'link', a, b, trust: 'asserted' }, `evidence-${index}`),
        );
        await settled(scheduler, table, Promise.all(work));
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(people, nodes);
        expect(partitionOf(leavesOf(people), nodes)).toEqual(partitionOfStatements(people, links));
      }),
      { numRuns: 80 },
    );
  });
});

test('a pointer that was read after an unlink is not turned to a root that was read before it', async () => {
  const [user, email, phone] = [member('userId', 1), member('email', 1), member('phone', 1)];
  const table = createMemoryTable();
  const identities = identitiesOn(table);
  await identities.link(link(email, phone));
  const crashing = { ...table, put: () => Promise.reject(new Error('the process ended here')) };
  await expect(identitiesOn(crashing).link(link(user, email))).rejects.toThrow('the process ended here');
  let isFirst = true;
  const overtaken: MemoryTable = {
    ...table,
    async query(range) {
      if (isFirst && range.pk === `L#${phone.leaf}`) {
        isFirst = false;
        for (const { leaf } of [email, user]) await identities.find(leaf);
        await identities.unlink(unlink(email, user));
      }
      return table.query(range);
    },
  };
  await identitiesOn(overtaken).link(link(email, phone, { trust: 'proven' }));
  expectSoundTrees([user, email, phone], nodesOf(table.items.values()));
  expect((await identities.find(phone.leaf)).leaves).toEqual([email.leaf, phone.leaf]);
});

test('browsers beyond the limits stay with their customer, whatever they are linked to', async () => {
  const members = pool({ userId: 1, email: 2, anonymousId: 40 });
  const links = fc.array(fc.tuple(fc.nat(42), fc.nat(9)), { minLength: 30, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), links, async (scheduler, pairs) => {
      const table = createMemoryTable(() => scheduler.schedule(Promise.resolve()));
      const identities = identitiesOn(table);
      const requests = pairs.flatMap(([first, second], index) => {
        const [a, b] = [members[first], members[second]];
        return a && b ? [link(a, b, { evidence: `evidence-${index}` })] : [];
      });
      await scheduler.waitFor(
        Promise.all(requests.map((request) => say(identities, { does: 'link', ...request }, request.evidence))),
      );
      const nodes = nodesOf(table.items.values());
      expectSoundTrees(members, nodes);
      const said = partition(
        leavesOf(members),
        requests.map(({ a, b }) => [a.leaf, b.leaf]),
      );
      expect(partitionOf(leavesOf(members), nodes)).toEqual(said);
    }),
    { numRuns: 24 },
  );
});
