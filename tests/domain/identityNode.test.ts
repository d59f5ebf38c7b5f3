import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifierTypes } from '../../shared/contracts/identifier.ts';
import {
  byAuthority,
  type IdentityNode,
  identityNodeItem,
  type LinkTrust,
  membersOf,
  readIdentityNode,
} from '../../shared/identity/identityNode.ts';
import { itemSize } from '../../shared/platform/itemSize.ts';
import { member } from '../support/identityTrees.ts';

const user = member('userId', 'lena');
const email = member('email', 'lena');
const phone = member('phone', 'lena');

const trust = fc.constantFrom<LinkTrust>('asserted', 'proven');
const leaf = fc.stringMatching(/^[\w-]{22}$/);
const rootNode: fc.Arbitrary<IdentityNode> = fc
  .record({
    epoch: fc.nat(),
    members: fc.uniqueArray(fc.record({ leaf, type: fc.constantFrom(...identifierTypes) }), {
      selector: (one) => one.leaf,
      minLength: 1,
      maxLength: 32,
    }),
    ends: fc.array(fc.tuple(fc.nat(), fc.nat(), trust)),
    blocks: fc.array(fc.tuple(leaf, leaf), { maxLength: 5 }),
  })
  .map(({ ends, members, ...node }) => ({
    ...node,
    kind: 'root',
    members,
    edges: ends.flatMap(([a, b, how]) => {
      const [one, other] = [members[a % members.length], members[b % members.length]];
      return one && other ? [[one.leaf, other.leaf, how] as const] : [];
    }),
  }));
const memberNode: fc.Arbitrary<IdentityNode> = fc.record({
  kind: fc.constant('member' as const),
  epoch: fc.nat(),
  parent: leaf,
});

describe('an identity node', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(leaf, fc.oneof(rootNode, memberNode), (at, node) => {
        expect(readIdentityNode(identityNodeItem(at, node))).toEqual(node);
      }),
    );
  });

  test('lies beside the interactions of its leaf, where one query of the state finds it', () => {
    expect(identityNodeItem(email.leaf, { kind: 'member', epoch: 1, parent: user.leaf })).toEqual({
      pk: 'L#email-lena------------',
      sk: '~i',
      entity: 'identity-node',
      schemaVersion: 1,
      epoch: 1,
      parent: 'userId-lena-----------',
    });
  });

  test('of a customer with as many leaves as there may be fits one write unit', () => {
    const members = identifierTypes.flatMap((type) =>
      Array.from({ length: type === 'anonymousId' ? 20 : 3 }, (_, index) => member(type, index)),
    );
    const node: IdentityNode = {
      kind: 'root',
      epoch: 1_000_000,
      members,
      edges: members.slice(1).map((one) => [user.leaf, one.leaf, 'proven']),
      blocks: [],
    };
    const withUser = { ...node, members: [user, ...members.slice(1)] };
    expect(members.length).toBe(32);
    expect(itemSize(identityNodeItem(user.leaf, withUser))).toBeLessThanOrEqual(1024);
  });

  test('is not what another item says', () => {
    expect(readIdentityNode(undefined)).toBeUndefined();
    expect(readIdentityNode({ pk: 'L#x', sk: '~h', entity: 'head', epoch: 1 })).toBeUndefined();
  });

  test.each([
    ['no epoch', { parent: user.leaf }],
    ['a parent that is no leaf', { epoch: 1, parent: 'lena' }],
    ['neither parent nor members', { epoch: 1 }],
    ['members that are cut off', { epoch: 1, members: 'uuserId', edges: '' }],
    ['a member of an unknown type', { epoch: 1, members: `?${user.leaf}`, edges: '' }],
    ['an edge to nobody', { epoch: 1, members: `u${user.leaf}`, edges: 'ABa' }],
  ])('with %s is refused', (_, fields) => {
    expect(() => readIdentityNode({ pk: 'L#x', sk: '~i', entity: 'identity-node', ...fields })).toThrow(
      'an identity node is malformed',
    );
  });
});

test('a leaf without a node is a customer of its own', () => {
  expect(membersOf(user.leaf, undefined)).toEqual([user.leaf]);
});

test('a root names all leaves of its customer', () => {
  const node: IdentityNode = { kind: 'root', epoch: 2, members: [user, email, phone], edges: [], blocks: [] };
  expect(membersOf(user.leaf, node)).toEqual([user.leaf, email.leaf, phone.leaf]);
});

test('a user id is above an address, an address above a number, a number above a browser; equals go by their leaves', () => {
  const visitors = [member('anonymousId', 'b'), member('anonymousId', 'a')];
  const sorted = [...visitors, member('externalId', 1), phone, email, user].sort(byAuthority);
  expect(sorted.map(({ leaf: name }) => name.replace(/-+$/, ''))).toEqual([
    'userId-lena',
    'email-lena',
    'phone-lena',
    'externalId-1',
    'anonymousId-a',
    'anonymousId-b',
  ]);
});
