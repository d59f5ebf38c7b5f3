import type { AgentMessageRequest } from '../contracts/conversation.ts';
import type { Source } from '../contracts/source.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { ConversationCard } from './conversationCard.ts';
import type { Conversations } from './conversations.ts';

/** An answer to the customer, in the conversation to which the named message belongs. */
export interface Answer {
  /** Id of the conversation, or of any message in it. */
  conversationId: string;
  source: Source;
  message: AgentMessageRequest;
  receivedAtMs: number;
}

/**
 * Takes in an answer for the customer, on the channel of the conversation. The same `messageId` again answers the same
 * id for 30 days. Undefined where there is no such conversation.
 */
export async function sendMessage(
  {
    conversations,
    timeline,
    newId,
  }: {
    conversations: Pick<Conversations, 'readCard'>;
    timeline: Pick<Timeline, 'append'>;
    newId: NewId;
  },
  answer: Answer,
): Promise<Appended | undefined> {
  const card = await conversations.readCard(answer.conversationId);
  if (card === undefined) return undefined;
  return await timeline.append(
    placeInteraction(sentInteraction(card, answer), { newId, receivedAtMs: answer.receivedAtMs }),
  );
}

/** The answer lies on the recipient's leaf and names a message: conversations may be split, messages stay. */
export function sentInteraction(
  card: Pick<ConversationCard, 'channel' | 'customerId'>,
  { conversationId, source, message: { agent, messageId, text } }: Omit<Answer, 'receivedAtMs'>,
): IncomingInteraction {
  return {
    home: card.customerId,
    ...(messageId === undefined ? {} : { messageId }),
    type: 'message.sent',
    channel: card.channel,
    direction: 'outbound',
    source: source.name,
    touchpoint: card.channel === 'web' ? 'widget' : card.channel,
    trust: 'asserted',
    identifiers: [],
    text,
    properties: { inReplyTo: conversationId, ...(agent === undefined ? {} : { agent }) },
  };
}
