import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdentifierType, identifierTypes } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Identities, LinkOutcome, LinkRequest } from '../../shared/identity/identities.ts';
import { type IdentityNode, identityNodeItem, type Member } from '../../shared/identity/identityNode.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import type { Table } from '../../shared/platform/table.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';
import { expectSoundTrees, link, member, nodesOf, partition, partitionOf } from '../support/identityTrees.ts';
import { createMemoryTable, type MemoryTable, type RequestFault } from '../support/memoryTable.ts';

const pool = (sizes: Partial<Record<IdentifierType, number>>): Member[] =>
  identifierTypes.flatMap((type) => Array.from({ length: sizes[type] ?? 0 }, (_, index) => member(type, index)));

/** So few of each type that no limit is met, however they are linked; numbers have tests of their own. */
const belowLimits = pool({ userId: 1, email: 4, externalId: 3, anonymousId: 10 });
/** So many that limits are met all the time. */
const beyondLimits = pool({ userId: 3, email: 7, externalId: 5, anonymousId: 4 });

const requestsAmong = (members: readonly Member[], maxLength: number): fc.Arbitrary<LinkRequest[]> =>
  fc
    .array(
      fc.record({
        a: fc.constantFrom(...members),
        b: fc.constantFrom(...members),
        trust: fc.constantFrom('asserted', 'proven'),
      }),
      { minLength: 1, maxLength },
    )
    .map((list) => list.map(({ a, b, trust }, index) => link(a, b, { trust, evidence: `evidence-${index}` })));

const faults = fc.infiniteStream(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<RequestFault>(undefined) },
    { weight: 1, arbitrary: fc.constant<RequestFault>('not-made') },
    { weight: 1, arbitrary: fc.constant<RequestFault>('answer-lost') },
  ),
);

const identitiesOn = (table: MemoryTable): Identities =>
  createIdentityStore(table as MemoryTable & Table, async () => {});

function factsOf(table: MemoryTable): Interaction[] {
  return [...table.items.values()].flatMap((item) => fromInteractionItem(item) ?? []);
}

/** As the stream does it: what failed is given again. */
async function insist(identities: Identities, request: LinkRequest): Promise<LinkOutcome> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await identities.link(request).catch(() => undefined);
    if (outcome) return outcome;
  }
  throw new Error('a link was never made');
}

const leavesOf = (members: readonly Member[]) => members.map(({ leaf }) => leaf);
const pairsOf = (requests: readonly LinkRequest[]) => requests.map(({ a, b }) => [a.leaf, b.leaf] as const);

describe('links in any order, at the same time, with requests and answers lost', () => {
  test('leave sound trees that join exactly whom the links connect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, requestsAmong(belowLimits, 14), async (scheduler, fate, requests) => {
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => fate.next().value,
        );
        const identities = identitiesOn(table);
        await scheduler.waitFor(Promise.all(requests.map((request) => insist(identities, request))));
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(belowLimits, nodes);
        expect(partitionOf(leavesOf(belowLimits), nodes)).toEqual(partition(leavesOf(belowLimits), pairsOf(requests)));
      }),
      { numRuns: 150 },
    );
  });

  test('leave sound trees within the limits where there are more leaves than one customer may have', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, requestsAmong(beyondLimits, 20), async (scheduler, fate, requests) => {
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => fate.next().value,
        );
        const identities = identitiesOn(table);
        const outcomes = await scheduler.waitFor(Promise.all(requests.map((request) => insist(identities, request))));
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(beyondLimits, nodes);
        const made = pairsOf(requests).filter((_, index) => outcomes[index]?.kind !== 'conflicted');
        expect(partitionOf(leavesOf(beyondLimits), nodes)).toEqual(partition(leavesOf(beyondLimits), made));
      }),
      { numRuns: 150 },
    );
  });

  test('never bring a blocked pair into one tree, whatever third leaf they are linked to', async () => {
    const [first, second] = [member('anonymousId', 0), member('anonymousId', 1)];
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), requestsAmong(belowLimits, 20), async (scheduler, requests) => {
        const table = createMemoryTable(() => scheduler.schedule(Promise.resolve()));
        const separated: IdentityNode = {
          kind: 'root',
          epoch: 3,
          members: [first],
          edges: [],
          blocks: [[first.leaf, second.leaf]],
        };
        const item = identityNodeItem(first.leaf, separated);
        table.items.set(`${item.pk} ${item.sk}`, item);
        const identities = identitiesOn(table);
        await scheduler.waitFor(Promise.all(requests.map((request) => insist(identities, request))));
        const nodes = nodesOf(table.items.values());
        expectSoundTrees(belowLimits, nodes);
        const customer = partitionOf(leavesOf(belowLimits), nodes).find((group) => group.includes(first.leaf));
        expect(customer).not.toContain(second.leaf);
      }),
      { numRuns: 100 },
    );
  });

  test('are on the timeline exactly where they stand in a tree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, requestsAmong(beyondLimits, 14), async (scheduler, fate, requests) => {
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => fate.next().value,
        );
        const identities = identitiesOn(table);
        await scheduler.waitFor(Promise.all(requests.map((request) => insist(identities, request))));
        const edges = [...nodesOf(table.items.values()).values()].flatMap((node) =>
          node.kind === 'root' ? node.edges : [],
        );
        const recorded = factsOf(table).map(({ properties }) => {
          const { a, b } = properties as unknown as { a: Member; b: Member };
          return [a.leaf, b.leaf].sort().join(' ');
        });
        expect([...new Set(recorded)].sort()).toEqual(edges.map(([a, b]) => `${a} ${b}`).sort());
      }),
      { numRuns: 100 },
    );
  });
});

describe('finding', () => {
  test('tells every leaf the same customer while links are being made, and afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), requestsAmong(belowLimits, 10), async (scheduler, requests) => {
        const table = createMemoryTable(() => scheduler.schedule(Promise.resolve()));
        const identities = identitiesOn(table);
        const finds = belowLimits.map(({ leaf }) => identities.find(leaf));
        const links = requests.map((request) => insist(identities, request));
        const found = await scheduler.waitFor(Promise.all(finds));
        for (const [index, { leaves }] of found.entries()) expect(leaves).toContain(belowLimits[index]?.leaf);
        await scheduler.waitFor(Promise.all(links));
        const afterwards = await scheduler.waitFor(
          Promise.all(belowLimits.map(async ({ leaf }) => (await identities.find(leaf)).leaves.toSorted())),
        );
        const groups = partition(leavesOf(belowLimits), pairsOf(requests));
        for (const [index, { leaf }] of belowLimits.entries()) {
          expect(afterwards[index]).toEqual(groups.find((group) => group.includes(leaf)));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('leaves no path of two pointers behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, requestsAmong(belowLimits, 14), async (scheduler, fate, requests) => {
        let isOver = false;
        const table = createMemoryTable(
          () => scheduler.schedule(Promise.resolve()),
          () => (isOver ? undefined : fate.next().value),
        );
        const identities = identitiesOn(table);
        await scheduler.waitFor(Promise.all(requests.map((request) => insist(identities, request))));
        isOver = true;
        await scheduler.waitFor(Promise.all(belowLimits.map(({ leaf }) => identities.find(leaf))));
        const nodes = nodesOf(table.items.values());
        for (const node of nodes.values()) {
          if (node.kind === 'member') expect(nodes.get(node.parent)?.kind).toBe('root');
        }
      }),
      { numRuns: 50 },
    );
  });

  test('does not believe a root that does not know the leaf', async () => {
    const [user, email] = [member('userId', 1), member('email', 1)];
    const table = createMemoryTable();
    const pointer = identityNodeItem(email.leaf, { kind: 'member', epoch: 1, parent: user.leaf });
    table.items.set(`${pointer.pk} ${pointer.sk}`, pointer);
    await expect(identitiesOn(table).find(email.leaf)).rejects.toThrow('a root that does not know it');
  });
});
