import type { MessagePage } from '../contracts/widget.ts';
import type { Conversations } from '../conversation/conversations.ts';
import type { LeafOf } from '../identity/leaf.ts';
import { type ConversationsOfLeaf, latestConversation } from './latestConversation.ts';
import type { Visitor } from './sessionToken.ts';
import { homeOfVisitor } from './visitorOf.ts';

/**
 * Messages of the visitor's latest conversation in order of arrival, after the cursor. A visitor who has not written
 * yet has none. Throws `invalid-request` with the path `after` for a cursor that is none.
 */
export async function listMessages(
  ports: { customers: ConversationsOfLeaf; conversations: Pick<Conversations, 'readMessages'>; leafOf: LeafOf },
  { visitor, after, limit }: { visitor: Visitor; after?: string | undefined; limit: number },
): Promise<MessagePage> {
  const conversation = await latestConversation(ports.customers, homeOfVisitor(ports.leafOf, visitor));
  if (conversation === undefined) return { messages: [], next: after ?? null };
  return await ports.conversations.readMessages({ conversationId: conversation.conversationId, after, limit });
}
