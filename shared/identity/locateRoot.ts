import type { Pause } from '../platform/pause.ts';
import type { Item, Table } from '../platform/table.ts';
import { identityRange } from './identityKeys.ts';
import {
  epochUnchanged,
  type IdentityNode,
  identityNodeItem,
  leavesOf,
  type Overflow,
  type RootNode,
  readIdentityNode,
  readOverflow,
  withOverflow,
} from './identityNode.ts';
import type { Leaf } from './leaf.ts';

const findAttempts = 6;
/** A path is never longer than there are members; beyond, the pointers are broken. */
const longestPath = 64;
const firstPauseMs = 4;
const longestPauseMs = 100;

/** Strong reads, each leaf once: what one attempt sees of a node it sees from all sides. */
export interface NodeReader {
  node(leaf: Leaf): Promise<IdentityNode | undefined>;
  overflow(root: Leaf): Promise<Overflow | undefined>;
}

/** Where a leaf's tree begins; `node` is undefined for a leaf alone that never was linked. */
export interface Located {
  root: Leaf;
  node: RootNode | undefined;
}

/** Follows the pointers to the root that knows the leaf as one of its own; while they are being turned, again. */
export type LocateRoot = (leaf: Leaf, sharedReader?: NodeReader) => Promise<Located>;

export function createNodeReader(table: Pick<Table, 'query'>): NodeReader {
  const known = new Map<Leaf, Promise<Item[]>>();
  const itemsOf = (leaf: Leaf): Promise<Item[]> => {
    const read = async () => (await table.query({ ...identityRange(leaf), consistent: true })).items;
    const items = known.get(leaf) ?? read();
    known.set(leaf, items);
    return items;
  };
  return {
    async node(leaf) {
      return readIdentityNode((await itemsOf(leaf)).find(({ entity }) => entity === 'identity-node'));
    },
    async overflow(root) {
      return readOverflow((await itemsOf(root)).find(({ entity }) => entity === 'identity-overflow'));
    },
  };
}

export function createLocateRoot(table: Pick<Table, 'query' | 'put'>, pause: Pause): LocateRoot {
  /** Turns pointers straight to the root, each only while it is the one that was read; false where one was not. */
  async function shorten(path: readonly Step[], root: Leaf, node: RootNode): Promise<boolean> {
    let areTurned = true;
    for (const { leaf, epoch } of path) {
      const isOverflow = node.overflow?.members.some((one) => one.leaf === leaf) ?? false;
      if (!isOverflow && !node.members.some((one) => one.leaf === leaf)) continue;
      const turned = { kind: 'member', epoch: epoch + 1, parent: root, isOverflow } as const;
      const outcome = await table.put(identityNodeItem(leaf, turned), epochUnchanged(epoch));
      areTurned &&= outcome.stored;
    }
    return areTurned;
  }

  return async (leaf, sharedReader) => {
    for (let attempt = 0; attempt < findAttempts; attempt++) {
      if (attempt > 0) await pause(pauseMs(attempt));
      const isShared = attempt === 0 && sharedReader !== undefined;
      const reader = isShared ? sharedReader : createNodeReader(table);
      const path: Step[] = [];
      let at = leaf;
      let node = await reader.node(at);
      while (node?.kind === 'member') {
        if (path.push({ leaf: at, epoch: node.epoch }) > longestPath) throw new Error('pointers lead nowhere');
        at = node.parent;
        node = await reader.node(at);
      }
      if (node === undefined) {
        if (at === leaf) return { root: leaf, node };
        continue;
      }
      const whole = withOverflow(node, node.overflowEpoch === undefined ? undefined : await reader.overflow(at));
      if (whole === undefined || !leavesOf(at, whole).includes(leaf)) continue;
      // A pointer is only turned by who read it before what it leads to; otherwise an unlink in between would be undone.
      if (isShared && path.length > 1) continue;
      const isShort = await shorten(path.slice(0, -1), at, whole);
      // Whoever else turned a pointer may have read an older root.
      if (!isShort && attempt < findAttempts - 1) continue;
      return { root: at, node: whole };
    }
    throw new Error('a leaf points to a root that does not know it');
  };
}

/** Doubles with each attempt. */
export function pauseMs(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
}

interface Step {
  leaf: Leaf;
  epoch: number;
}
