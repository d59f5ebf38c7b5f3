import { beforeEach, describe, expect, test } from 'vitest';
import type { IdentifierType } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { isLinked } from '../../shared/customer/leafNode.ts';
import { readLeaves } from '../../shared/customer/readLeaves.ts';
import { identityNodeKey, identityOverflowKey } from '../../shared/identity/identityKeys.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import type { Table } from '../../shared/platform/table.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { expectSoundTrees, link, member, nodesOf, unlink } from '../support/identityTrees.ts';
import { createMeteredTable } from '../support/meteredTable.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const timeline = createTimelineStore(table);
const identities = createIdentityStore(table);
const customers = createCustomerStore(table);

let count = 0;
/** An identifier that no other test has, greater than those before it. */
const fresh = (type: IdentifierType) => member(type, String(count++).padStart(5, '0'));

async function expectSound(members: readonly Member[]): Promise<void> {
  const keys = members.flatMap(({ leaf }) => [identityNodeKey(leaf), identityOverflowKey(leaf)]);
  const items = await Promise.all(keys.map((key) => table.get(key, { consistent: true })));
  expectSoundTrees(members, nodesOf(items.filter((item) => item !== undefined)));
}

const leavesOf = async ({ leaf }: Member) => (await identities.find(leaf)).leaves;

async function factsOn({ leaf }: Member): Promise<Interaction[]> {
  const { interactions } = await timeline.readRange({ leaf, keyClass: 'E', limit: 100, consistent: true });
  return interactions;
}

const units = () => ({
  writes: table.calls.reduce((sum, { writeUnits = 0 }) => sum + writeUnits, 0),
  reads: table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0),
});

/** A customer of 32 leaves, each linked to the account. */
async function largeCustomer(): Promise<Member[]> {
  const types: IdentifierType[] = [
    'userId',
    ...Array<IdentifierType>(5).fill('email'),
    'phone',
    ...Array<IdentifierType>(5).fill('externalId'),
    ...Array<IdentifierType>(20).fill('anonymousId'),
  ];
  const members = types.map(fresh);
  const [user, ...others] = members;
  if (user) for (const other of others) await identities.link(link(user, other));
  return members;
}

beforeEach(() => table.reset());

describe('an unlink', () => {
  test('takes a leaf and what hangs on it alone out of the customer', async () => {
    const [user, email, phone, visitor] = [fresh('userId'), fresh('email'), fresh('phone'), fresh('anonymousId')];
    await identities.link(link(user, email));
    await identities.link(link(user, phone));
    await identities.link(link(email, visitor));
    expect(await identities.unlink(unlink(email, user))).toEqual({
      kind: 'unlinked',
      root: email.leaf,
      from: user.leaf,
    });
    expect(await leavesOf(visitor)).toEqual([email.leaf, visitor.leaf]);
    expect(await leavesOf(phone)).toEqual([user.leaf, phone.leaf]);
    await expectSound([user, email, phone, visitor]);
  });

  test('of the root leaves the others a new root, found in two reads', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    await identities.link(link(user, email));
    await identities.link(link(email, visitor));
    await identities.unlink(unlink(user, email));
    table.reset();
    expect(await leavesOf(visitor)).toEqual([email.leaf, visitor.leaf]);
    expect(units()).toEqual({ writes: 0, reads: 2 });
    expect(await leavesOf(user)).toEqual([user.leaf]);
  });

  test('of a pair costs four write units, four for its two facts, and four reads', async () => {
    const [user, visitor] = [fresh('userId'), fresh('anonymousId')];
    await identities.link(link(user, visitor));
    table.reset();
    await identities.unlink(unlink(visitor, user));
    // The root, the leaf that goes, again after the root, and the fact that is looked for.
    expect(units()).toEqual({ writes: 8, reads: 4 });
  });

  test('of one of 32 leaves writes the two roots and two facts, each in one unit of a transaction; it reads all nodes', async () => {
    const members = await largeCustomer();
    const [user, email] = members;
    if (!user || !email) throw new Error('no customer');
    table.reset();
    await identities.unlink(unlink(email, user));
    expect(units()).toEqual({ writes: 8, reads: 34 });
    await expectSound(members);
  });

  test('of the root of 32 leaves moves all others in one transaction, two write units each', async () => {
    const members = await largeCustomer();
    const [user, email, ...others] = members;
    if (!user || !email) throw new Error('no customer');
    for (const other of others) await identities.link(link(email, other));
    table.reset();
    await identities.unlink(unlink(user, email));
    expect(units()).toMatchObject({ writes: 32 * 2 + 2 * 2 });
    await expectSound(members);
    expect((await identities.find(email.leaf)).members).toHaveLength(31);
  });

  test('stands on both timelines, once, whatever was lost on the way', async () => {
    const [user, email] = [fresh('userId'), fresh('email')];
    await identities.link(link(user, email));
    let losses = 3;
    const losing: Table = {
      ...table,
      async transact(operations) {
        const outcome = await table.transact(operations);
        if (losses-- > 0) throw new Error('the answer was lost');
        return outcome;
      },
    };
    const request = unlink(email, user, { reason: 'her sister' });
    expect(await createIdentityStore(losing).unlink(request)).toMatchObject({ kind: 'unlinked' });
    expect(await identities.unlink(request)).toMatchObject({ kind: 'unlinked' });
    for (const one of [user, email]) {
      expect((await factsOn(one)).filter(({ type }) => type === 'identity.unlinked')).toMatchObject([
        {
          text: 'Separated: email and userId are two customers, says reception: her sister',
          properties: { a: email, b: user, were: 'together', evidence: 'an-agents-request', note: 'her sister' },
        },
      ]);
    }
  });

  test('holds against its own grounds: evidence that linked them once does not do so again', async () => {
    const [user, phone, visitor] = [fresh('userId'), fresh('phone'), fresh('anonymousId')];
    const stated = { ...link(user, phone), evidence: 'a form' };
    await identities.link(stated);
    await identities.link(link(user, visitor));
    // Takes the number away from everybody with whom the browser is, then the browser from the account.
    await identities.unlink(unlink(phone, visitor));
    await identities.unlink(unlink(user, visitor));
    expect(await identities.link(stated)).toEqual({ kind: 'already', root: user.leaf });
    expect(await leavesOf(phone)).toEqual([phone.leaf]);
    // Nothing keeps the number and the account apart but that nobody has said so since.
    expect(await identities.link({ ...stated, evidence: 'another form' })).toEqual({ kind: 'linked', root: user.leaf });
    await expectSound([user, phone, visitor]);
  });

  test('keeps out whoever states the link again, also over a third leaf', async () => {
    const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
    const stated = link(user, email);
    await identities.link(stated);
    await identities.unlink(unlink(email, user));
    expect(await identities.link(stated)).toMatchObject({ kind: 'conflicted', reason: 'blocked' });
    await identities.link(link(email, visitor));
    expect(await identities.link(link(user, visitor, { trust: 'proven' }))).toMatchObject({ reason: 'blocked' });
    expect(await identities.link({ ...stated, trust: 'proven', lifts: true, evidence: 'an agent' })).toEqual({
      kind: 'linked',
      root: user.leaf,
    });
    expect(await leavesOf(visitor)).toEqual([user.leaf, email.leaf, visitor.leaf]);
  });
});

test('a conflict between roots that were read at two moments is none', async () => {
  const [user, email, visitor] = [fresh('userId'), fresh('email'), fresh('anonymousId')];
  await identities.link(link(user, visitor));
  let hasMet = false;
  const slow = createIdentityStore({
    ...table,
    async query(range) {
      if (range.pk === `L#${email.leaf}` && !hasMet) {
        hasMet = true;
        // The browser leaves the account first, and may not meet the mailbox from then on.
        await identities.unlink(unlink(visitor, user));
        await identities.unlink(unlink(visitor, email));
      }
      return table.query(range);
    },
  });
  expect(await slow.link(link(user, email))).toEqual({ kind: 'linked', root: user.leaf });
  expect(hasMet).toBe(true);
  await expectSound([user, email, visitor]);
});

describe('browsers beyond the limits', () => {
  test('are the earliest; they keep their customer, its timeline and their own fold', async () => {
    const user = fresh('userId');
    const visitors = Array.from({ length: 23 }, () => fresh('anonymousId'));
    for (const visitor of visitors) expect((await identities.link(link(user, visitor))).kind).toBe('linked');
    const found = await identities.find(user.leaf);
    const leaves = visitors.map(({ leaf }) => leaf);
    expect(found.overflow).toEqual(leaves.slice(0, 3));
    expect(found.members.map(({ leaf }) => leaf)).toEqual([user.leaf, ...leaves.slice(3)]);
    const [first, , , last] = visitors;
    if (!first || !last) throw new Error('no visitors');
    expect(await identities.find(first.leaf)).toEqual(found);
    expect(await readLeaves(customers, first.leaf)).toEqual([user.leaf, ...leaves.slice(3), ...leaves.slice(0, 3)]);
    expect(isLinked(first.leaf, await customers.readNode(first.leaf))).toBe(false);
    expect(isLinked(last.leaf, await customers.readNode(last.leaf))).toBe(true);
    await expectSound([user, ...visitors]);
  });

  test('cost a link twelve write units at most, and who looks for them no read more', async () => {
    const user = fresh('userId');
    const visitors = Array.from({ length: 81 }, () => fresh('anonymousId'));
    const writes: number[] = [];
    for (const visitor of visitors.slice(0, 80)) {
      table.reset();
      await identities.link(link(user, visitor));
      writes.push(units().writes);
    }
    expect(writes.slice(0, 20)).toEqual(Array(20).fill(6));
    expect(Math.max(...writes)).toBe(12);
    const [first] = visitors;
    table.reset();
    await identities.find(first?.leaf ?? '');
    expect(units()).toEqual({ writes: 0, reads: 2 });
  });

  test('go with what they hang on, and fill up what an unlink leaves', async () => {
    const [user, email] = [fresh('userId'), fresh('email')];
    const visitors = Array.from({ length: 30 }, () => fresh('anonymousId'));
    await identities.link(link(user, email));
    for (const [index, visitor] of visitors.entries()) await identities.link(link(index % 2 ? user : email, visitor));
    expect((await identities.find(user.leaf)).overflow).toHaveLength(10);
    await identities.unlink(unlink(email, user));
    const [ofUser, ofEmail] = [await identities.find(user.leaf), await identities.find(email.leaf)];
    expect([ofUser.members.length, ofUser.overflow, ofEmail.members.length, ofEmail.overflow]).toEqual([
      16,
      [],
      16,
      [],
    ]);
    await expectSound([user, email, ...visitors]);
    expect(await table.get(identityOverflowKey(user.leaf), { consistent: true })).toBeUndefined();
  });

  test('come below the root that their own root comes below', async () => {
    const [user, email] = [fresh('userId'), fresh('email')];
    const visitors = Array.from({ length: 44 }, () => fresh('anonymousId'));
    for (const [index, visitor] of visitors.entries()) await identities.link(link(index % 2 ? user : email, visitor));
    await identities.link(link(user, email));
    const found = await identities.find(user.leaf);
    expect([found.members.length, found.overflow.length]).toEqual([22, 24]);
    for (const { leaf } of visitors) expect((await identities.find(leaf)).root).toBe(user.leaf);
    await expectSound([user, email, ...visitors]);
    expect(await table.get(identityOverflowKey(email.leaf), { consistent: true })).toBeUndefined();
  });
});

describe('a number that two people share', () => {
  test('is nobody’s, and both are its candidates', async () => {
    const [lena, jonas, phone, visitor] = [fresh('userId'), fresh('email'), fresh('phone'), fresh('anonymousId')];
    await identities.link(link(lena, phone));
    await identities.link(link(phone, visitor));
    expect(await identities.link(link(jonas, phone))).toEqual({
      kind: 'conflicted',
      root: jonas.leaf,
      reason: 'shared-phone',
    });
    const found = await identities.find(phone.leaf);
    expect([found.leaves, found.candidates]).toEqual([
      [phone.leaf, visitor.leaf],
      [lena.leaf, jonas.leaf],
    ]);
    expect(await leavesOf(lena)).toEqual([lena.leaf]);
    expect((await factsOn(phone)).map(({ text }) => text)).toContain(
      'Separated: phone and userId are two customers, the number belongs to several people',
    );
    await expectSound([lena, jonas, phone, visitor]);
  });

  test('stated again changes nothing and writes nothing', async () => {
    const [lena, jonas, phone] = [fresh('userId'), fresh('email'), fresh('phone')];
    await identities.link(link(lena, phone));
    await identities.link(link(jonas, phone));
    table.reset();
    expect(await identities.link(link(lena, phone))).toMatchObject({ kind: 'conflicted', reason: 'shared-phone' });
    expect(units()).toEqual({ writes: 0, reads: 4 });
  });

  test('is theirs once they turn out to be one, with nothing more to be said', async () => {
    const [user, email, phone] = [fresh('userId'), fresh('email'), fresh('phone')];
    await identities.link(link(user, phone));
    await identities.link(link(email, phone));
    await identities.link(link(user, email));
    expect(await identities.find(phone.leaf)).toMatchObject({
      leaves: [user.leaf, email.leaf, phone.leaf],
      candidates: [],
    });
  });

  test('is whose an agent says it is', async () => {
    const [lena, jonas, phone] = [fresh('userId'), fresh('email'), fresh('phone')];
    await identities.link(link(lena, phone));
    await identities.link(link(jonas, phone));
    const confirmed = link(jonas, phone, { trust: 'proven', reason: 'confirmed-by-agent', evidence: 'an agent' });
    expect(await identities.link(confirmed)).toMatchObject({ kind: 'linked' });
    expect(await identities.find(phone.leaf)).toMatchObject({ leaves: [jonas.leaf, phone.leaf], candidates: [] });
    expect(await identities.link(link(lena, phone, { evidence: 'again' }))).toMatchObject({ reason: 'shared-phone' });
    expect(await leavesOf(lena)).toEqual([lena.leaf]);
    expect(await leavesOf(phone)).toEqual([jonas.leaf, phone.leaf]);
  });

  test('remembers five people, then no more', async () => {
    const phone = fresh('phone');
    const people = Array.from({ length: 7 }, () => fresh('userId'));
    for (const one of people) await identities.link(link(one, phone));
    expect((await identities.find(phone.leaf)).candidates).toEqual(people.slice(0, 5).map(({ leaf }) => leaf));
    await expectSound([phone, ...people]);
  });
});
