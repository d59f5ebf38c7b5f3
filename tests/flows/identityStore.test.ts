import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IdentifierType } from '../../shared/contracts/identifier.ts';
import type { Identities, LinkOutcome, LinkRequest } from '../../shared/identity/identities.ts';
import { identityNodeKey, identityOverflowKey } from '../../shared/identity/identityKeys.ts';
import { type IdentityNode, identityNodeItem, type Member } from '../../shared/identity/identityNode.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import type { Table } from '../../shared/platform/table.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import {
  expectSoundTrees,
  link,
  member,
  nodesOf as nodesAmong,
  partition,
  partitionOf,
} from '../support/identityTrees.ts';
import { createMeteredTable } from '../support/meteredTable.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const timeline = createTimelineStore(table);
const identities = createIdentityStore(table);

let count = 0;
/** An identifier that no other test has. */
const fresh = (type: IdentifierType) => member(type, count++);

async function nodesOf(members: readonly Member[]): Promise<Map<Leaf, IdentityNode>> {
  const keys = members.flatMap(({ leaf }) => [identityNodeKey(leaf), identityOverflowKey(leaf)]);
  const items = await Promise.all(keys.map((key) => table.get(key, { consistent: true })));
  return nodesAmong(items.filter((item) => item !== undefined));
}

async function factsOf({ leaf }: Member): Promise<unknown[]> {
  const { interactions } = await timeline.readRange({ leaf, keyClass: 'E', limit: 100, consistent: true });
  return interactions.map(({ type, properties }) => [type, (properties.b as Member).leaf, properties.trust]);
}

const units = () => ({
  writes: table.calls.reduce((sum, { writeUnits = 0 }) => sum + writeUnits, 0),
  reads: table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0),
});

beforeEach(() => table.reset());

describe('a link', () => {
  test('puts the less authoritative leaf below the other, whichever is named first', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    expect(await identities.link(link(visitor, user))).toEqual({ kind: 'linked', root: user.leaf });
    expect(await identities.link(link(visitor, email))).toEqual({ kind: 'linked', root: user.leaf });
    for (const { leaf } of [user, email, visitor]) {
      expect(await identities.find(leaf)).toEqual({
        root: user.leaf,
        leaves: [user.leaf, email.leaf, visitor.leaf],
        members: [user, email, visitor],
        overflow: [],
        candidates: [],
      });
    }
  });

  test('of two leaves that were alone costs four write units for them, two for the fact, and one read each', async () => {
    await identities.link(link(fresh('userId'), fresh('anonymousId')));
    expect(units()).toEqual({ writes: 6, reads: 2 });
    expect(table.calls.map(({ command }) => command)).toEqual([
      'QueryCommand',
      'QueryCommand',
      'TransactWriteItemsCommand',
    ]);
  });

  test('that is stated again writes nothing and reads twice', async () => {
    const request = link(fresh('userId'), fresh('anonymousId'));
    await identities.link(request);
    table.reset();
    expect(await identities.link({ ...request, evidence: 'another' })).toEqual({
      kind: 'already',
      root: request.a.leaf,
    });
    expect(units()).toEqual({ writes: 0, reads: 2 });
  });

  test('of a leaf with itself is none', async () => {
    const user = fresh('userId');
    expect(await identities.link(link(user, user))).toEqual({ kind: 'already', root: user.leaf });
    expect(await nodesOf([user])).toEqual(new Map());
  });

  test('within a tree is kept as an edge, and becomes proven but never less', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    await identities.link(link(user, email));
    await identities.link(link(user, visitor));
    expect((await identities.link(link(email, visitor))).kind).toBe('linked');
    expect((await identities.link(link(email, visitor, { trust: 'proven' }))).kind).toBe('linked');
    expect((await identities.link(link(email, visitor, { evidence: 'later' }))).kind).toBe('already');
    const node = (await nodesOf([user])).get(user.leaf);
    expect(node?.kind === 'root' && node.edges.map(([, , trust]) => trust)).toEqual(['asserted', 'asserted', 'proven']);
  });

  test('stands on the timeline of its first leaf, once', async () => {
    const [user, email] = [fresh('userId'), fresh('email')];
    const request = link(user, email);
    await identities.link(request);
    await identities.link(request);
    expect(await factsOf(user)).toEqual([['identity.linked', email.leaf, 'asserted']]);
    expect(await factsOf(email)).toEqual([]);
  });

  test('of two trees turns all pointers to the new root', async () => {
    const [user, email, phone, visitor] = [fresh('userId'), fresh('email'), fresh('phone'), fresh('anonymousId')];
    await identities.link(link(email, visitor));
    await identities.link(link(email, phone));
    await identities.link(link(user, visitor));
    for (const { leaf } of [email, phone, visitor]) {
      expect((await nodesOf([{ leaf, type: 'phone' }])).get(leaf)).toMatchObject({ parent: user.leaf });
    }
    table.reset();
    await identities.find(visitor.leaf);
    expect(units()).toEqual({ writes: 0, reads: 2 });
  });
});

describe('finding', () => {
  test('a leaf that was never linked gives itself, for one read', async () => {
    const { leaf } = fresh('anonymousId');
    expect(await identities.find(leaf)).toEqual({
      root: leaf,
      leaves: [leaf],
      members: [],
      overflow: [],
      candidates: [],
    });
    expect(units()).toEqual({ writes: 0, reads: 1 });
  });

  test('through a path that a crash left long shortens it', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    await identities.link(link(email, visitor));
    const crashing: Table = {
      ...table,
      put: async () => {
        throw new Error('the process ended here');
      },
    };
    await expect(createIdentityStore(crashing).link(link(user, email))).rejects.toThrow('the process ended here');
    expect((await nodesOf([visitor])).get(visitor.leaf)).toMatchObject({ parent: email.leaf });
    expect((await identities.find(visitor.leaf)).root).toBe(user.leaf);
    expect((await nodesOf([visitor])).get(visitor.leaf)).toEqual({ kind: 'member', epoch: 2, parent: user.leaf });
  });
});

describe('a link is refused', () => {
  test('where one customer would have two user ids', async () => {
    const [first, second, email] = [fresh('userId'), fresh('userId'), fresh('email')];
    await identities.link(link(first, email));
    expect(await identities.link(link(second, email))).toEqual({
      kind: 'conflicted',
      root: second.leaf,
      reason: 'limit',
    });
    expect((await identities.find(second.leaf)).leaves).toEqual([second.leaf]);
  });

  test.each<[IdentifierType, number]>([
    ['email', 5],
    ['phone', 3],
    ['externalId', 5],
  ])('where one customer would have more leaves of type %s than %i', async (type, limit) => {
    const user = fresh('userId');
    for (let index = 0; index < limit; index++) {
      expect((await identities.link(link(user, fresh(type)))).kind).toBe('linked');
    }
    expect(await identities.link(link(user, fresh(type)))).toMatchObject({ kind: 'conflicted', reason: 'limit' });
    expect((await identities.find(user.leaf)).leaves).toHaveLength(limit + 1);
  });

  test('where one customer would have more than 80 browsers', async () => {
    const user = fresh('userId');
    for (let index = 0; index < 80; index++) {
      expect((await identities.link(link(user, fresh('anonymousId')))).kind).toBe('linked');
    }
    const another = fresh('anonymousId');
    expect(await identities.link(link(user, another))).toMatchObject({ kind: 'conflicted', reason: 'limit' });
    expect((await identities.find(another.leaf)).leaves).toEqual([another.leaf]);
    const found = await identities.find(user.leaf);
    expect([found.members.length, found.overflow.length]).toEqual([21, 60]);
  });

  test('between two that were separated, also through a third', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    await table.put(
      identityNodeItem(email.leaf, {
        kind: 'root',
        epoch: 7,
        members: [email],
        edges: [],
        blocks: [[email.leaf, user.leaf]],
      }),
    );
    expect(await identities.link(link(user, email))).toMatchObject({ kind: 'conflicted', reason: 'blocked' });
    expect((await identities.link(link(email, visitor))).kind).toBe('linked');
    expect(await identities.link(link(user, visitor))).toEqual({
      kind: 'conflicted',
      root: user.leaf,
      reason: 'blocked',
    });
  });
});

describe('where somebody else links at the same time', () => {
  test('ten links of the same pair make one, and one fact', async () => {
    const [user, visitor] = [fresh('userId'), fresh('anonymousId')];
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => identities.link(link(user, visitor))));
    expect(outcomes.filter(({ kind }) => kind === 'linked')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'already')).toHaveLength(9);
    expect(await factsOf(user)).toHaveLength(1);
  });

  test('a root that was read before it changed is not overwritten', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    let isFirst = true;
    const overtaken: Table = {
      ...table,
      transact: async (operations) => {
        if (isFirst) {
          isFirst = false;
          await identities.link(link(user, email));
        }
        return table.transact(operations);
      },
    };
    await createIdentityStore(overtaken).link(link(user, visitor));
    expect((await identities.find(visitor.leaf)).leaves).toEqual([user.leaf, email.leaf, visitor.leaf]);
  });

  test('a root that went below another one meanwhile takes nobody in any more', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    let isFirst = true;
    const overtaken: Table = {
      ...table,
      transact: async (operations) => {
        if (isFirst) {
          isFirst = false;
          await identities.link(link(user, email));
        }
        return table.transact(operations);
      },
    };
    const outcome = await createIdentityStore(overtaken).link(link(email, visitor));
    expect(outcome).toEqual({ kind: 'linked', root: user.leaf });
    expect((await nodesOf([visitor])).get(visitor.leaf)).toMatchObject({ parent: user.leaf });
  });

  test('whatever is linked in parallel, with answers lost, comes to what the links say', async () => {
    const types: IdentifierType[] = ['userId', 'email', 'email', ...Array(7).fill('anonymousId')];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 4, maxLength: 12 }),
        fc.infiniteStream(fc.nat(3)),
        async (pairs, fate) => {
          const members = types.map(fresh);
          const requests = pairs.flatMap(([a, b], index) => {
            const [one, other] = [members[a], members[b]];
            return one && other ? [link(one, other, { evidence: `evidence-${index}` })] : [];
          });
          const stores = [losingAnswers(table, fate), losingAnswers(table, fate)].map((one) =>
            createIdentityStore(one),
          );
          await Promise.all(
            requests.map((request, index) => insist(stores[index % stores.length] ?? identities, request)),
          );
          const nodes = await nodesOf(members);
          expectSoundTrees(members, nodes);
          const leaves = members.map(({ leaf }) => leaf);
          const expected = partition(
            leaves,
            requests.map(({ a, b }) => [a.leaf, b.leaf]),
          );
          expect(partitionOf(leaves, nodes)).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });
});

/** One transaction of four is made without its maker hearing of it; another one is not made. */
function losingAnswers(whole: Table, fate: Iterator<number>): Table {
  return {
    ...whole,
    async transact(operations) {
      const fault = fate.next().value;
      if (fault === 1) throw new Error('the request did not arrive');
      const outcome = await whole.transact(operations);
      if (fault === 0) throw new Error('the answer was lost');
      return outcome;
    },
  };
}

/** As the stream does it: what failed is given again. */
async function insist(store: Identities, request: LinkRequest): Promise<LinkOutcome> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const outcome = await store.link(request).catch(() => undefined);
    if (outcome) return outcome;
  }
  throw new Error('a link was never made');
}
