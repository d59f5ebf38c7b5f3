import type { Table } from '../platform/table.ts';
import type { SearchIndex, SearchIndexWriter } from './searchIndex.ts';
import { allLeaves, createSearchPartitionOf, searchItemKey } from './searchKeys.ts';

/** Keeps terms in the table, under one deployment's pepper. */
export function createSearchStore(table: Table, pepper: Buffer): SearchIndex & SearchIndexWriter {
  const partitionOf = createSearchPartitionOf(pepper);
  return {
    async find(term, limit) {
      const { items, more } = await table.query({ pk: partitionOf(term), ...allLeaves, limit });
      return { leaves: items.map(({ sk }) => sk), more };
    },
    async has(term, leaf) {
      return (await table.get(searchItemKey(partitionOf(term), leaf), { consistent: true })) !== undefined;
    },
    async write(leaf, { added, removed }) {
      const keyOf = (term: string) => searchItemKey(partitionOf(term), leaf);
      const [first, ...others] = removed.map((term) => ({ delete: keyOf(term) }));
      await Promise.all([
        ...added.map((term) => table.put({ ...keyOf(term), entity: 'search-term', schemaVersion: 1 })),
        ...(first ? [table.transact([first, ...others])] : []),
      ]);
    },
  };
}
