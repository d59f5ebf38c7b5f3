import type { ReadMark } from '../contracts/conversation.ts';
import type { Leaf } from '../identity/leaf.ts';

/** How far customers and ours have read, as use cases see it; `readMarkStore.ts` keeps it in the table, apart from what is folded. */
export interface ReadMarks {
  /** Notes that a reader was shown what had been received until then, in milliseconds. A mark never goes back. */
  markRead(conversationId: string, reader: string, receivedAtMs: number): Promise<void>;
  /** Until when the latest of these readers has read; 0 where none of them has. */
  readMark(conversationId: string, readers: readonly string[]): Promise<number>;
  /** Who has read how far: customers at their browsers, and ours. */
  listMarks(conversationId: string): Promise<{ reader: string; receivedAtMs: number }[]>;
}

const ourReader = 'agent:';

/** One of ours who reads, by name. */
export function readerOfOurs(agent: string): string {
  return `${ourReader}${agent}`;
}

/** Marks as agents see them: of the customer only the latest, wherever they read. */
export function readMarksShown(marks: readonly { reader: string; receivedAtMs: number }[]): ReadMark[] {
  const until = (receivedAtMs: number) => new Date(receivedAtMs).toISOString();
  const [ours, theirs] = [true, false].map((isOurs) =>
    marks.filter(({ reader }) => reader.startsWith(ourReader) === isOurs),
  );
  const latest = Math.max(0, ...(theirs ?? []).map(({ receivedAtMs }) => receivedAtMs));
  return [
    ...(latest > 0 ? [{ by: 'customer' as const, until: until(latest) }] : []),
    ...(ours ?? []).map(({ reader, receivedAtMs }) => ({
      by: 'agent' as const,
      agent: reader.slice(ourReader.length),
      until: until(receivedAtMs),
    })),
  ];
}

/** Who reads at a browser: whoever sits there, by the browser's leaf, or a person who was proven to. */
export function readerAt(browser: Leaf, person: Leaf | undefined): string {
  return person === undefined || person === browser ? browser : `${browser}.${person}`;
}
