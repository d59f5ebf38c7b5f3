import type { Leaf } from '../identity/leaf.ts';

/** Which leaves are found under a term; `searchStore.ts` keeps it in the table. It may lead to leaves that have changed. */
export interface SearchIndex {
  /** At most so many leaves; `more` where there are others. One query. */
  find(term: string, limit: number): Promise<{ leaves: Leaf[]; more: boolean }>;
  /** Whether a leaf is found under a term. Sees every acknowledged write. */
  has(term: string, leaf: Leaf): Promise<boolean>;
}

/** What the projection writes. Each write may be repeated: it leaves the same. */
export interface SearchIndexWriter {
  /** One write unit for each term that is added, two for each that is removed. */
  write(leaf: Leaf, change: TermChange): Promise<void>;
}

export interface TermChange {
  added: readonly string[];
  removed: readonly string[];
}

/** From the terms that a leaf had to those that it has. */
export function termChange(before: readonly string[], after: readonly string[]): TermChange {
  return {
    added: after.filter((term) => !before.includes(term)),
    removed: before.filter((term) => !after.includes(term)),
  };
}
