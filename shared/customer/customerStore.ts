import { type Condition, type Item, isNew, type Table } from '../platform/table.ts';
import { decodeCustomer, encodeCustomer } from './customerContent.ts';
import { customerKey, headKey, nodeRange, stateRange } from './customerKeys.ts';
import type { Customers, LeafState } from './customers.ts';
import { decodeHead, encodeHead } from './headContent.ts';
import { nodeAmong } from './leafNode.ts';

/** Keeps heads and customers in the table. */
export function createCustomerStore(table: Table): Customers {
  return {
    async readState(leaf, { consistent = false } = {}) {
      const { items } = await table.query({ ...stateRange(leaf), consistent });
      const [head, customer] = [headKey(leaf).sk, customerKey(leaf).sk];
      return {
        ...readHead(items.find(({ sk }) => sk === head)),
        customer: readCustomerItem(
          leaf,
          items.find(({ sk }) => sk === customer),
        ),
        others: items.filter(({ sk }) => sk !== head && sk !== customer),
      };
    },
    async readNode(leaf, options) {
      const { items } = await table.query({ ...nodeRange(leaf), ...options });
      return nodeAmong({ others: items });
    },
    async writeHead(leaf, head, version, news) {
      const item: Item = {
        ...headKey(leaf),
        entity: 'head',
        schemaVersion: 1,
        version: version + 1,
        content: encodeHead(head),
        ...(news && news.triggers.length > 0 ? { triggers: news.triggers } : {}),
        ...(news?.aloneAtEpoch ? { aloneAtEpoch: news.aloneAtEpoch } : {}),
      };
      return (await table.put(item, isUnchangedSince(version))).stored;
    },
    async writeCustomer(root, fold, version) {
      const item: Item = {
        ...customerKey(root),
        entity: 'customer',
        schemaVersion: 1,
        version: version + 1,
        ...encodeCustomer(fold),
      };
      return (await table.put(item, isUnchangedSince(version))).stored;
    },
  };
}

function isUnchangedSince(version: number): Condition {
  return version === 0 ? isNew : { expression: 'version = :version', values: { ':version': version } };
}

function readHead(item: Item | undefined): Pick<LeafState, 'head' | 'version' | 'aloneAtEpoch'> {
  if (item === undefined) return { head: undefined, version: 0, aloneAtEpoch: 0 };
  if (!(item.content instanceof Uint8Array) || typeof item.version !== 'number') {
    throw new TypeError('a head is malformed');
  }
  const aloneAtEpoch = typeof item.aloneAtEpoch === 'number' ? item.aloneAtEpoch : 0;
  return { head: decodeHead(item.content), version: item.version, aloneAtEpoch };
}

function readCustomerItem(root: string, item: Item | undefined): LeafState['customer'] {
  if (item === undefined) return undefined;
  const { content, epoch, head, version } = item;
  const isWhole = content instanceof Uint8Array && head instanceof Uint8Array;
  if (!isWhole || typeof version !== 'number' || typeof epoch !== 'number') {
    throw new TypeError('a customer is malformed');
  }
  return { fold: decodeCustomer(root, { epoch, head, content }), version };
}
