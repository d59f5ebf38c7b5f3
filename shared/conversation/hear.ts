import type { FoldedCard } from './conversationCard.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import { cutText } from './cutText.ts';

/** Where a conversation stands. */
export type Standing = Pick<FoldedCard, 'status' | 'endedWith' | 'owes' | 'waitingSince' | 'lastArrival'>;

const endedWithLength = 160;

/**
 * Where a conversation stands after one more message. Messages are heard in order of arrival, because that is what an
 * answer can have answered; clients' clocks have no say. What the platform says by itself answers nothing.
 */
export function hear(before: Standing | undefined, message: ConversationMessage): Standing {
  const { arrival, by, channel, occurredAtMs, receivedAtMs, text } = message;
  const endedWith = { text: cutText(text, endedWithLength), by, at: new Date(occurredAtMs).toISOString(), channel };
  const ended = { endedWith, lastArrival: arrival };
  if (by === 'customer') {
    const waitingSince = before?.waitingSince ?? new Date(receivedAtMs).toISOString();
    return { status: 'open', owes: 'us', waitingSince, ...ended };
  }
  if (by === 'agent') return { status: 'pending', owes: 'customer', ...ended };
  if (before === undefined) return { status: 'pending', owes: 'nobody', ...ended };
  return { ...before, ...ended };
}
