import { type Pause, realPause } from '../platform/pause.ts';
import { type Item, isNew, type Table, type TransactOperation } from '../platform/table.ts';
import { linkFacts } from './changedEdges.ts';
import { type CustomerTree, treeOf } from './customerTree.ts';
import { decideLink, isPair, type RootAt, rootAlone } from './decideLink.ts';
import { decideUnlink } from './decideUnlink.ts';
import type { Identities, LinkOutcome, LinkRequest, UnlinkOutcome, UnlinkRequest } from './identities.ts';
import { linkedFactItem, readUnlinkedFact, unlinkedFactItems } from './identityFacts.ts';
import { leavesOf, type Member } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import { createLocateRoot, createNodeReader, type Located, pauseMs } from './locateRoot.ts';
import { planChange } from './planChange.ts';
import { candidatesOf } from './sharedPhones.ts';

const attempts = 10;
/** Operations of one transaction, by AWS's limit. */
const transactionLimit = 100;

/** What one attempt came to; undefined where somebody else changed something meanwhile, or it is unclear what was made. */
type Attempt<T> = Promise<T | undefined>;

/** Keeps identity nodes in the table. */
export function createIdentityStore(table: Table, pause: Pause = realPause): Identities {
  const locate = createLocateRoot(table, pause);

  async function insist<T>(attempt: () => Attempt<T>): Promise<T> {
    for (let count = 0; count < attempts; count++) {
      if (count > 0) await pause(pauseMs(count));
      const outcome = await attempt();
      if (outcome !== undefined) return outcome;
    }
    throw new Error('a customer could not be changed: its roots are being changed all the time');
  }

  /** Undefined where one root was seen at two moments. */
  async function readRoots(a: Member, b: Member): Attempt<[RootAt, RootAt]> {
    const reader = createNodeReader(table);
    const found = await Promise.all([locate(a.leaf, reader), locate(b.leaf, reader)]);
    const [left, right] = [rootOf(a, found[0]), rootOf(b, found[1])];
    return left.leaf === right.leaf && left.node.epoch !== right.node.epoch ? undefined : [left, right];
  }

  /** Roots are read one after the other: only if all are still what they were, they were so at one moment. */
  async function areUnchanged(roots: readonly RootAt[]): Promise<boolean> {
    const nodes = await Promise.all(roots.map(({ leaf }) => createNodeReader(table).node(leaf)));
    return nodes.every((node, index) => (node?.epoch ?? 0) === roots[index]?.node.epoch);
  }

  /**
   * Makes the trees and the facts that tell of it, in one transaction; the roots afterwards. `told` where a fact that is to
   * be new is there already.
   */
  async function change(
    before: readonly RootAt[],
    after: readonly CustomerTree[],
    facts: readonly TransactOperation[],
  ): Attempt<RootAt[] | 'too-large' | 'told'> {
    // What hangs below a root is read after it: had it changed since, the root would have, too.
    const plan = await planChange(before, after, createNodeReader(table).node);
    if (plan === undefined) return undefined;
    const operations = [...plan.operations, ...facts];
    if (operations.length > transactionLimit) return 'too-large';
    try {
      const outcome = await table.transact(operations);
      if (!outcome.stored) return outcome.existing.some(isInteraction) ? 'told' : undefined;
    } catch {
      // Whether it was made is unclear. The next attempt reads what is there; where reading fails too, that is thrown.
      return undefined;
    }
    // Readers follow one pointer in the time they have, so those who hung below a former root are turned at once.
    await Promise.all(plan.detours.map((leaf) => locate(leaf)));
    return plan.roots;
  }

  /** `at` is the root of the tree that both ends share. */
  async function tryLink(request: LinkRequest): Attempt<{ outcome: LinkOutcome; at?: RootAt }> {
    const { a, b, trust, lifts } = request;
    const found = await readRoots(a, b);
    if (found === undefined) return undefined;
    const [left, right] = found;
    const decision = decideLink(left, right, { a: a.leaf, b: b.leaf, trust, ...(lifts ? { lifts } : {}) });
    if (decision.kind === 'already') {
      return { outcome: { kind: 'already', root: left.leaf }, at: left };
    }
    if (decision.kind === 'conflicted') {
      if (!(await areUnchanged([left, right]))) return undefined;
      return { outcome: { kind: 'conflicted', root: left.leaf, reason: decision.reason } };
    }
    const before = distinctRoots(left, right);
    const own = linkedFactItem(request, left.leaf);
    const isJoining = !before.some(({ node }) =>
      treeOf(node).edges.some((edge) => isPair([edge[0], edge[1]], a.leaf, b.leaf)),
    );
    const facts = linkFacts(request, before, decision.trees).map((put) =>
      isJoining && put.pk === own.pk && put.sk === own.sk ? { put, condition: isNew } : { put },
    );
    const roots = await change(before, decision.trees, facts);
    if (roots === undefined) return undefined;
    // The same evidence has linked them before, and they were parted since.
    if (roots === 'told') return { outcome: { kind: 'already', root: left.leaf } };
    if (roots === 'too-large') return { outcome: { kind: 'conflicted', root: left.leaf, reason: 'limit' } };
    const root = rootAmong(roots, a.leaf);
    if (decision.reason) return { outcome: { kind: 'conflicted', root: root.leaf, reason: decision.reason } };
    return { outcome: { kind: 'linked', root: root.leaf }, at: root };
  }

  /** A number of several people may be one customer's by now: what was stated of it is tried again. */
  async function settlePhones({ leaf, node }: RootAt, { evidence, statedAtMs }: LinkRequest): Promise<void> {
    const leaves = new Set(leavesOf(leaf, node));
    const hints = (node.weak ?? []).filter(([phone]) => !leaves.has(phone));
    for (const [phone, other] of new Map(hints)) {
      const { node: itsRoot } = await locate(phone);
      const candidates = itsRoot ? candidatesOf(itsRoot) : [];
      if (!candidates.includes(other) || !candidates.every((candidate) => leaves.has(candidate))) continue;
      const request: LinkRequest = {
        a: { leaf: other, type: 'email' },
        b: { leaf: phone, type: 'phone' },
        trust: 'asserted',
        reason: 'stated-by-server',
        statedBy: 'platform',
        evidence,
        statedAtMs,
      };
      await insist(() => tryLink(request));
    }
  }

  async function tryUnlink(request: UnlinkRequest): Attempt<UnlinkOutcome> {
    const { leaf, from } = request;
    const found = await readRoots(leaf, from);
    if (found === undefined) return undefined;
    const [left, right] = found;
    const apart: UnlinkOutcome = { kind: 'already', root: left.leaf, from: right.leaf };
    const told = await readTold(request);
    if (told) return { ...apart, kind: told === 'together' ? 'unlinked' : 'already' };
    const decision = decideUnlink(left, right, leaf.leaf, from.leaf);
    if (decision.kind === 'already') return (await areUnchanged([left, right])) ? apart : undefined;
    const { trees, were } = decision;
    const facts = unlinkedFactItems(request, { were, reason: 'separated-by-agent' });
    const roots = await change(
      distinctRoots(left, right),
      trees,
      facts.map((put) => ({ put, condition: isNew })),
    );
    if (roots === undefined || roots === 'told') return undefined;
    if (roots === 'too-large') throw new Error('a customer has too many leaves to be parted in one transaction');
    return {
      kind: were === 'together' ? 'unlinked' : 'already',
      root: rootAmong(roots, leaf.leaf).leaf,
      from: rootAmong(roots, from.leaf).leaf,
    };
  }

  /** What the same evidence did before: they may have been linked again since. */
  async function readTold(request: UnlinkRequest): Promise<'together' | 'apart' | undefined> {
    const [{ pk, sk }] = unlinkedFactItems(request, { were: 'together', reason: 'separated-by-agent' });
    return readUnlinkedFact(await table.get({ pk, sk }, { consistent: true }));
  }

  return {
    async find(leaf) {
      const { root, node } = await locate(leaf);
      return {
        root,
        leaves: leavesOf(root, node),
        members: node?.members ?? [],
        overflow: node?.overflow?.members.map((member) => member.leaf) ?? [],
        candidates: node ? candidatesOf(node) : [],
      };
    },
    async link(request) {
      const { outcome, at } = await insist(() => tryLink(request));
      if (at?.node.weak) await settlePhones(at, request);
      return outcome;
    },
    async unlink(request) {
      if (request.leaf.leaf === request.from.leaf) throw new RangeError('a leaf cannot be parted from itself');
      return insist(() => tryUnlink(request));
    },
  };
}

function isInteraction(item: Item | undefined): boolean {
  return item?.entity === 'interaction';
}

function rootOf(end: Member, { root, node }: Located): RootAt {
  return { leaf: root, node: node ?? rootAlone(end) };
}

function distinctRoots(left: RootAt, right: RootAt): RootAt[] {
  return left.leaf === right.leaf ? [left] : [left, right];
}

function rootAmong(roots: readonly RootAt[], leaf: Leaf): RootAt {
  const found = roots.find(({ leaf: root, node }) => leavesOf(root, node).includes(leaf));
  if (found === undefined) throw new Error('a change lost a leaf');
  return found;
}
