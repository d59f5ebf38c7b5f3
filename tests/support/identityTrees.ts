import { expect } from 'vitest';
import type { IdentifierType } from '../../shared/contracts/identifier.ts';
import { memberLimit, memberLimits, overflowLimit } from '../../shared/identity/customerTree.ts';
import type { LinkRequest, UnlinkRequest } from '../../shared/identity/identities.ts';
import {
  byAuthority,
  type IdentityNode,
  type Member,
  type RootNode,
  readIdentityNode,
  readOverflow,
} from '../../shared/identity/identityNode.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import type { Item } from '../../shared/platform/table.ts';

/** When the links of these tests are stated: Monday, 2 March 2026, nine o'clock. */
export const statedAtMs = Date.UTC(2026, 2, 2, 9);

/** A leaf with its type in its name: `userId-1--------------`. */
export function member(type: IdentifierType, name: string | number): Member {
  return { leaf: `${type}-${name}`.padEnd(22, '-').slice(0, 22), type };
}

export function link(a: Member, b: Member, fields: Partial<LinkRequest> = {}): LinkRequest {
  const evidence = `${a.leaf}.E0mm${statedAtMs.toString(36).slice(0, 6)}.evidence-evidenc`;
  return { a, b, trust: 'asserted', reason: 'stated-by-server', evidence, statedBy: 'shop', statedAtMs, ...fields };
}

export function unlink(leaf: Member, from: Member, fields: Partial<UnlinkRequest> = {}): UnlinkRequest {
  return { leaf, from, evidence: 'an-agents-request', statedBy: 'reception', statedAtMs, ...fields };
}

/** All nodes among items of a table, by leaf; roots with what lies beyond their limits. */
export function nodesOf(items: Iterable<Item>): Map<Leaf, IdentityNode> {
  const all = [...items];
  const overflows = new Map(all.flatMap((item) => [[item.pk, readOverflow(item)] as const]).filter(([, one]) => one));
  return new Map(
    all.flatMap((item) => {
      const node = readIdentityNode(item);
      const overflow = overflows.get(item.pk);
      return node ? [[item.pk.slice(2), node.kind === 'root' && overflow ? { ...node, overflow } : node] as const] : [];
    }),
  );
}

/**
 * Expects of all nodes together what must hold whenever nothing is under way: parents are smaller, a root's members
 * are exactly the leaves whose pointers reach it, edges connect each tree, no blocked pair shares a tree, limits hold.
 */
export function expectSoundTrees(members: readonly Member[], nodes: ReadonlyMap<Leaf, IdentityNode>): void {
  const memberOf = new Map(members.map((one) => [one.leaf, one]));
  for (const [leaf, node] of nodes) {
    if (node.kind !== 'member') continue;
    const [child, parent] = [memberOf.get(leaf), memberOf.get(node.parent)];
    expect(child && parent && byAuthority(parent, child)).toBeLessThan(0);
  }
  for (const [root, node] of nodes) {
    if (node.kind === 'root') expectSoundTree(root, node, members, nodes);
  }
}

function expectSoundTree(
  root: Leaf,
  { blocks, edges, members, overflow, overflowEpoch }: RootNode,
  all: readonly Member[],
  nodes: ReadonlyMap<Leaf, IdentityNode>,
): void {
  const leaves = members.map(({ leaf }) => leaf).sort();
  expect(overflow?.epoch).toBe(overflowEpoch);
  const beyond = (overflow?.members ?? []).map(({ leaf }) => leaf);
  const together = [...leaves, ...beyond];
  const reaching = all.filter(({ leaf }) => rootOf(leaf, nodes) === root).map(({ leaf }) => leaf);
  expect(together.toSorted()).toEqual(reaching.sort());
  expect(leaves.length).toBeLessThanOrEqual(memberLimit);
  expect(beyond.length).toBeLessThanOrEqual(overflowLimit);
  for (const leaf of leaves) {
    const own = nodes.get(leaf);
    expect(own?.kind === 'member' && own.isOverflow).toBeFalsy();
  }
  for (const leaf of beyond) expect(nodes.get(leaf)).toMatchObject({ kind: 'member', isOverflow: true });
  for (const [type, limit] of Object.entries(memberLimits)) {
    expect(members.filter((one) => one.type === type).length).toBeLessThanOrEqual(limit);
  }
  expect(partition(leaves, edges).length).toBe(1);
  expect(partition(together, [...edges, ...(overflow?.edges ?? [])]).length).toBe(1);
  for (const [a, b] of blocks) expect(together.includes(a) && together.includes(b)).toBe(false);
}

export function rootOf(leaf: Leaf, nodes: ReadonlyMap<Leaf, IdentityNode>): Leaf {
  let at = leaf;
  for (let node = nodes.get(at); node?.kind === 'member'; node = nodes.get(at)) at = node.parent;
  return at;
}

/** Groups of leaves that pairs connect, by the plainest code that could be right; each group and the list sorted. */
export function partition(leaves: readonly Leaf[], pairs: readonly (readonly [Leaf, Leaf, ...unknown[]])[]): Leaf[][] {
  let groups = leaves.map((leaf) => [leaf]);
  for (const [a, b] of pairs) {
    const joined = groups.filter((group) => group.includes(a) || group.includes(b));
    groups = [...groups.filter((group) => !joined.includes(group)), joined.flat()];
  }
  return groups.map((group) => group.sort()).sort();
}

/** The same from what the nodes say. */
export function partitionOf(leaves: readonly Leaf[], nodes: ReadonlyMap<Leaf, IdentityNode>): Leaf[][] {
  return partition(
    leaves,
    leaves.map((leaf) => [leaf, rootOf(leaf, nodes)]),
  );
}
