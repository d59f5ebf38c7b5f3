import type { MessagePage } from '../contracts/widget.ts';
import { type ReadMarks, readerAt } from '../conversation/readMarks.ts';
import type { LeafOf } from '../identity/leaf.ts';
import { latestConversation, type VisitorPorts } from './latestConversation.ts';
import { noteRead } from './noteRead.ts';
import type { Visitor } from './sessionToken.ts';
import { shownHere, sidesOf } from './sidesOf.ts';

export interface ListMessagesPorts extends VisitorPorts {
  readMarks: Pick<ReadMarks, 'markRead'>;
  leafOf: LeafOf;
}

/**
 * Messages of the visitor's latest conversation in order of arrival, after the cursor: what they wrote and our answers
 * to it, also where the customer is known to write from elsewhere, too. What is returned counts as read. A visitor who
 * has not written yet has none. Throws `invalid-request` with the path `after` for a cursor that is none.
 */
export async function listMessages(
  ports: ListMessagesPorts,
  { visitor, after, limit }: { visitor: Visitor; after?: string | undefined; limit: number },
): Promise<MessagePage> {
  const conversationId = await latestConversation(ports, visitor);
  if (conversationId === undefined) return { messages: [], next: after ?? null };
  const visibleTo = shownHere(ports.leafOf, visitor);
  const page = await ports.conversations.readMessages({ conversationId, after, limit, visibleTo });
  const { browser, person } = sidesOf(ports.leafOf, visitor);
  const readers = [browser, ...(person === undefined ? [] : [readerAt(browser, person)])];
  await noteRead(ports.readMarks, { conversationId, page, readers });
  return page;
}
