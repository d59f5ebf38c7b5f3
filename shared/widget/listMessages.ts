import type { MessagePage } from '../contracts/widget.ts';
import type { LeafOf } from '../identity/leaf.ts';
import { latestConversation, type VisitorPorts } from './latestConversation.ts';
import type { Visitor } from './sessionToken.ts';
import { homeOfVisitor } from './visitorOf.ts';

/**
 * Messages of the visitor's latest conversation in order of arrival, after the cursor: what was written from this
 * browser and our answers to it, also where the customer is known to write from elsewhere, too. A visitor who has not
 * written yet has none. Throws `invalid-request` with the path `after` for a cursor that is none.
 */
export async function listMessages(
  ports: VisitorPorts & { leafOf: LeafOf },
  { visitor, after, limit }: { visitor: Visitor; after?: string | undefined; limit: number },
): Promise<MessagePage> {
  const leaf = homeOfVisitor(ports.leafOf, visitor);
  const conversationId = await latestConversation(ports, leaf);
  if (conversationId === undefined) return { messages: [], next: after ?? null };
  return await ports.conversations.readMessages({ conversationId, after, limit, visibleTo: leaf });
}
