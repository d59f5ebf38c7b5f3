import type { Leaf } from '../identity/leaf.ts';

/** How far customers have read, as use cases see it; `readMarkStore.ts` keeps it in the table, apart from what is folded. */
export interface ReadMarks {
  /** Notes that a reader was shown what had been received until then, in milliseconds. A mark never goes back. */
  markRead(conversationId: string, reader: string, receivedAtMs: number): Promise<void>;
  /** Until when the latest of these readers has read; 0 where none of them has. */
  readMark(conversationId: string, readers: readonly string[]): Promise<number>;
}

/** Who reads at a browser: whoever sits there, by the browser's leaf, or a person who was proven to. */
export function readerAt(browser: Leaf, person: Leaf | undefined): string {
  return person === undefined || person === browser ? browser : `${browser}.${person}`;
}
