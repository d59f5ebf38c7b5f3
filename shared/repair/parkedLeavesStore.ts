import { type Condition, type Item, isNew, type Table } from '../platform/table.ts';
import { type ParkedLeaf, parkedLeafSchema } from './parkedLeaf.ts';
import type { ParkedLeaves } from './parkedLeaves.ts';
import { parkedLeafKey, repairPartition } from './repairKeys.ts';

/** What failed without being parked is forgotten after a day. */
const failureLifetimeSeconds = 24 * 60 * 60;

/** Keeps parked leaves in the table. */
export function createParkedLeavesStore(table: Table): ParkedLeaves {
  return {
    async list() {
      const leaves: ParkedLeaf[] = [];
      let from = '';
      for (;;) {
        const { items, more } = await table.query({ pk: repairPartition, from: from || ' ', to: '~' });
        leaves.push(...items.flatMap((item) => readParkedLeaf(item) ?? []));
        const last = items.at(-1);
        if (!more || last === undefined) return leaves;
        from = `${last.sk} `;
      }
    },
    async read(leaf) {
      return readParkedLeaf(await table.get(parkedLeafKey(leaf), { consistent: true }));
    },
    async write(next) {
      const item: Item = {
        ...parkedLeafKey(next.leaf),
        entity: 'parked-leaf',
        schemaVersion: 1,
        ...next,
        ...(next.state === 'failing'
          ? { expiresAtSeconds: Math.floor(next.sinceMs / 1000) + failureLifetimeSeconds }
          : {}),
      };
      const outcome = await table.put(item, next.version === 1 ? isNew : isUnchangedSince(next.version - 1));
      return outcome.stored ? { kind: 'written' } : { kind: 'lost', existing: readParkedLeaf(outcome.existing) };
    },
    async remove({ leaf, version }) {
      const outcome = await table.transact([{ delete: parkedLeafKey(leaf), condition: isUnchangedSince(version) }]);
      return outcome.stored;
    },
  };
}

function isUnchangedSince(version: number): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}

function readParkedLeaf(item: Item | undefined): ParkedLeaf | undefined {
  return item && parkedLeafSchema.parse(item);
}
