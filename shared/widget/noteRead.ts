import type { MessagePage } from '../contracts/widget.ts';
import { decodeMessageCursor } from '../conversation/messageCursor.ts';
import type { ReadMarks } from '../conversation/readMarks.ts';

/** Notes that a page of a conversation was shown to its readers; nothing is written where it holds no word of ours. */
export async function noteRead(
  readMarks: Pick<ReadMarks, 'markRead'>,
  { conversationId, page, readers }: { conversationId: string; page: MessagePage; readers: readonly string[] },
): Promise<void> {
  if (page.next === null || page.messages.every(({ by }) => by === 'customer')) return;
  const { receivedAtMs } = decodeMessageCursor(page.next);
  await Promise.all(readers.map((reader) => readMarks.markRead(conversationId, reader, receivedAtMs)));
}
