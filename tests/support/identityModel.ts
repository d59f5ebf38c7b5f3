import type { LinkTrust, Member } from '../../shared/identity/identityNode.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { partition } from './identityTrees.ts';

/** What somebody says about two leaves. */
export type Saying =
  | { does: 'link'; a: Member; b: Member; trust: LinkTrust; lifts?: true }
  | { does: 'unlink'; a: Member; b: Member };

/**
 * Who is one customer after some sayings, one after the other: by the plainest code that could be right, without limits
 * and without numbers that belong to several people.
 */
export function createModel(leaves: readonly Leaf[]) {
  let pairs: [Leaf, Leaf][] = [];
  let blocks: [Leaf, Leaf][] = [];
  const has = (pair: [Leaf, Leaf], a: Leaf, b: Leaf) => pair.includes(a) && pair.includes(b);
  const groupOf = (leaf: Leaf, of: readonly Leaf[] = leaves) =>
    partition(
      of,
      pairs.filter(([a, b]) => of.includes(a) && of.includes(b)),
    ).find((group) => group.includes(leaf)) ?? [];

  return {
    say(saying: Saying): void {
      const [a, b] = [saying.a.leaf, saying.b.leaf];
      if (a === b) return;
      if (saying.does === 'link') {
        const kept = saying.lifts ? blocks.filter((block) => !has(block, a, b)) : blocks;
        const union = [...groupOf(a), ...groupOf(b)];
        if (!groupOf(a).includes(b) && kept.some((ends) => ends.every((end) => union.includes(end)))) return;
        blocks = kept;
        pairs.push([a, b]);
        return;
      }
      const others = groupOf(
        b,
        leaves.filter((leaf) => leaf !== a),
      );
      if (groupOf(a).includes(b)) pairs = pairs.filter(([one, other]) => !isBetween(one, other, a, others));
      if (!blocks.some((block) => has(block, a, b))) blocks.push([a, b]);
    },
    partition: () => partition(leaves, pairs),
    blocks: () => blocks,
  };
}

function isBetween(one: Leaf, other: Leaf, a: Leaf, others: readonly Leaf[]): boolean {
  return (one === a && others.includes(other)) || (other === a && others.includes(one));
}

/**
 * Who is one customer after all of some asserted links, in whatever order, where no limit is met: numbers and what
 * hangs only on them join the one person whom they touch; where they touch several, they stay a customer of their own.
 */
export function partitionOfStatements(members: readonly Member[], links: readonly [Member, Member][]): Leaf[][] {
  const isPhone = ({ type }: Member) => type === 'phone';
  const leavesOf = (some: readonly Member[]) => some.map(({ leaf }) => leaf);
  const pairsOf = (some: readonly [Member, Member][]) => some.map(([a, b]): [Leaf, Leaf] => [a.leaf, b.leaf]);
  const firm = links.filter((ends) => !ends.some(isPhone));
  const people = partition(leavesOf(members.filter((one) => !isPhone(one))), pairsOf(firm)).filter((group) =>
    members.some(({ leaf, type }) => group.includes(leaf) && type !== 'anonymousId'),
  );
  const personOf = (leaf: Leaf) => people.find((group) => group.includes(leaf));
  const loose = links.filter((ends) => !ends.some(({ leaf }) => personOf(leaf)));
  const regions = partition(
    leavesOf(members).filter((leaf) => !personOf(leaf)),
    pairsOf(loose),
  );
  const groups: [Leaf, Leaf][] = [...people, ...regions].flatMap((group) =>
    group.map((leaf): [Leaf, Leaf] => [group[0] ?? leaf, leaf]),
  );
  for (const region of regions) {
    const touching = pairsOf(links).filter(([a, b]) => region.includes(a) !== region.includes(b));
    const touched = new Set(touching.map(([a, b]) => personOf(a) ?? personOf(b)));
    if (touched.size === 1) groups.push(...touching);
  }
  return partition(leavesOf(members), groups);
}
