import { type Pause, realPause } from '../platform/pause.ts';
import { type Condition, isNew, type Table, type TransactOperation } from '../platform/table.ts';
import { decideLink, type RootAt, rootAlone } from './decideLink.ts';
import type { Identities, LinkOutcome, LinkRequest } from './identities.ts';
import { linkedFactItem } from './identityFacts.ts';
import { identityNodeKey } from './identityKeys.ts';
import { type IdentityNode, identityNodeItem, type Member, membersOf, readIdentityNode } from './identityNode.ts';
import type { Leaf } from './leaf.ts';

const linkAttempts = 10;
const findAttempts = 6;
const firstPauseMs = 4;
const longestPauseMs = 100;
/** A path is never longer than there are members; beyond, the pointers are broken. */
const longestPath = 64;

type ReadNode = (leaf: Leaf) => Promise<IdentityNode | undefined>;

/** Where a leaf's tree begins; `node` is undefined for a leaf alone that never was linked. */
interface Located {
  root: Leaf;
  node: Extract<IdentityNode, { kind: 'root' }> | undefined;
}

/** Keeps identity nodes in the table. */
export function createIdentityStore(table: Table, pause: Pause = realPause): Identities {
  /** Strong reads, each leaf once: what one attempt sees of a node it sees from all sides. */
  function createReader(): ReadNode {
    const nodes = new Map<Leaf, Promise<IdentityNode | undefined>>();
    return (leaf) => {
      const node = nodes.get(leaf) ?? table.get(identityNodeKey(leaf), { consistent: true }).then(readIdentityNode);
      nodes.set(leaf, node);
      return node;
    };
  }

  /** Follows the pointers to the root that knows the leaf as its member; while they are being turned, again. */
  async function locate(leaf: Leaf, firstRead: ReadNode = createReader()): Promise<Located> {
    for (let attempt = 0; attempt < findAttempts; attempt++) {
      if (attempt > 0) await pause(pauseMs(attempt));
      const read = attempt === 0 ? firstRead : createReader();
      const path: { leaf: Leaf; epoch: number }[] = [];
      let at = leaf;
      let node = await read(at);
      while (node?.kind === 'member') {
        if (path.push({ leaf: at, epoch: node.epoch }) > longestPath) throw new Error('pointers lead nowhere');
        at = node.parent;
        node = await read(at);
      }
      if (at === leaf) return { root: leaf, node };
      if (!node?.members.some((member) => member.leaf === leaf)) continue;
      const isShort = await shorten(path.slice(0, -1), at);
      // Whoever else turned a pointer may have read an older root.
      if (!isShort && attempt < findAttempts - 1) continue;
      return { root: at, node };
    }
    throw new Error('a leaf points to a root that does not know it');
  }

  /** Turns pointers straight to the root, each only while it is the one that was read; false where one was not. */
  async function shorten(path: readonly { leaf: Leaf; epoch: number }[], parent: Leaf): Promise<boolean> {
    let areTurned = true;
    for (const { leaf, epoch } of path) {
      const node = { kind: 'member', epoch: epoch + 1, parent } as const;
      const outcome = await table.put(identityNodeItem(leaf, node), epochUnchanged(epoch));
      areTurned &&= outcome.stored;
    }
    return areTurned;
  }

  async function areUnchanged(roots: readonly RootAt[]): Promise<boolean> {
    const nodes = await Promise.all(roots.map(({ leaf }) => createReader()(leaf)));
    return nodes.every((node, index) => (node?.epoch ?? 0) === roots[index]?.node.epoch);
  }

  /** Undefined where somebody else changed a root meanwhile, or it is unclear whether the change was made. */
  async function tryLink(request: LinkRequest): Promise<LinkOutcome | undefined> {
    const read = createReader();
    const [left, right] = await Promise.all(
      [request.a, request.b].map(async (end) => rootOf(end, await locate(end.leaf, read))),
    );
    if (left === undefined || right === undefined) return undefined;
    const decision = decideLink(left, right, { a: request.a.leaf, b: request.b.leaf, trust: request.trust });
    switch (decision.kind) {
      case 'already':
        return { kind: 'already', root: left.leaf };
      case 'conflicted':
        // The roots were read one after the other: only if both are still what they were, they were so at one moment.
        return (await areUnchanged([left, right]))
          ? { kind: 'conflicted', root: left.leaf, reason: decision.reason }
          : undefined;
      case 'founded': {
        const isMade = await commit(request, left.leaf, [putRoot(left, decision.node)]);
        return isMade ? { kind: 'linked', root: left.leaf } : undefined;
      }
      case 'joined': {
        const { winner, loser } = decision;
        const [winnerBefore, loserBefore] = winner.leaf === left.leaf ? [left, right] : [right, left];
        const isMade = await commit(request, winner.leaf, [
          putRoot(winnerBefore, winner.node),
          putRoot(loserBefore, loser.node),
        ]);
        if (!isMade) return undefined;
        // Readers follow one pointer in the time they have, so those who hung below the loser are turned at once.
        const turned = membersOf(loser.leaf, loserBefore.node).filter((leaf) => leaf !== loser.leaf);
        await Promise.all(turned.map((leaf) => locate(leaf)));
        return { kind: 'linked', root: winner.leaf };
      }
    }
  }

  /** The roots and the fact that tells of the change, in one transaction. */
  async function commit(request: LinkRequest, root: Leaf, changes: TransactOperation[]): Promise<boolean> {
    try {
      const outcome = await table.transact([...changes, { put: linkedFactItem(request, root) }]);
      return outcome.stored;
    } catch {
      // Whether it was made is unclear. The next attempt reads what is there; where reading fails too, that is thrown.
      return false;
    }
  }

  return {
    async find(leaf) {
      const { root, node } = await locate(leaf);
      return { root, leaves: membersOf(root, node), members: node?.members ?? [] };
    },
    async link(request) {
      for (let attempt = 0; attempt < linkAttempts; attempt++) {
        if (attempt > 0) await pause(pauseMs(attempt));
        const outcome = await tryLink(request);
        if (outcome) return outcome;
      }
      throw new Error('a link could not be made: its roots are being changed all the time');
    },
  };
}

function rootOf(end: Member, { root, node }: Located): RootAt {
  return { leaf: root, node: node ?? rootAlone(end) };
}

/** Replaces what a leaf was as a root, if it still is that root. */
function putRoot(before: RootAt, node: IdentityNode): TransactOperation {
  const { epoch } = before.node;
  return { put: identityNodeItem(before.leaf, node), condition: epoch === 0 ? isNew : isRootUnchangedSince(epoch) };
}

function isRootUnchangedSince(epoch: number): Condition {
  const { expression, names = {}, values = {} } = epochUnchanged(epoch);
  return {
    expression: `attribute_not_exists(#parent) AND ${expression}`,
    names: { ...names, '#parent': 'parent' },
    values,
  };
}

function epochUnchanged(epoch: number): Condition {
  return { expression: '#epoch = :epoch', names: { '#epoch': 'epoch' }, values: { ':epoch': epoch } };
}

/** Doubles with each attempt. */
function pauseMs(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
}
