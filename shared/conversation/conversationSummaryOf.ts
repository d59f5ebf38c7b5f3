import type { ConversationSummary } from '../contracts/conversation.ts';
import type { ConversationCard } from './conversationCard.ts';

/** A conversation as inbox and context show it. */
export function conversationSummaryOf(card: ConversationCard): ConversationSummary {
  const { conversationId, customerId, name, status, channel, subject, endedWith, owes, waitingSince } = card;
  const { assignee, snoozedUntil, linkedTo, isUnverifiedReply } = card;
  return {
    conversationId,
    customerId,
    ...(name === undefined ? {} : { name }),
    status,
    channel,
    ...(subject === undefined ? {} : { subject }),
    endedWith,
    owes,
    ...(waitingSince === undefined ? {} : { waitingSince }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
    ...(linkedTo === undefined ? {} : { linkedTo }),
    ...(isUnverifiedReply === undefined ? {} : { isUnverifiedReply }),
  };
}
