import { type Condition, type Item, isNew, type Table } from '../platform/table.ts';
import { headKey, stateRange } from './customerKeys.ts';
import type { Customers, LeafState } from './customers.ts';
import { decodeHead, encodeHead } from './headContent.ts';

/** Keeps heads in the table. */
export function createCustomerStore(table: Table): Customers {
  return {
    async readState(leaf, { consistent = false } = {}) {
      const { items } = await table.query({ ...stateRange(leaf), consistent });
      const { sk } = headKey(leaf);
      const others = items.filter((item) => item.sk !== sk);
      return { ...readHead(items.find((item) => item.sk === sk)), others };
    },
    async writeHead(leaf, head, version) {
      const item: Item = {
        ...headKey(leaf),
        entity: 'head',
        schemaVersion: 1,
        version: version + 1,
        content: encodeHead(head),
      };
      const outcome = await table.put(item, version === 0 ? isNew : isUnchangedSince(version));
      return outcome.stored;
    },
  };
}

function isUnchangedSince(version: number): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}

function readHead(item: Item | undefined): Pick<LeafState, 'head' | 'version'> {
  if (item === undefined) return { head: undefined, version: 0 };
  if (!(item.content instanceof Uint8Array) || typeof item.version !== 'number') {
    throw new TypeError('a head is malformed');
  }
  return { head: decodeHead(item.content), version: item.version };
}
