import { type CallPart, type CallStage, isOutdone } from './callStage.ts';
import type { FoldedCard } from './conversationCard.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import { cutText } from './cutText.ts';

/** Where a conversation stands. */
export type Standing = Pick<
  FoldedCard,
  'status' | 'endedWith' | 'owes' | 'waitingSince' | 'widgetLeaf' | 'lastArrival'
>;

/** What a message does to who owes an answer. */
type Effect = 'asks' | 'answers' | 'settles' | 'none';

/** Characters of the last words that are shown where a conversation is listed. */
export const endedWithLength = 160;
const nothingHeard: ReadonlySet<CallStage> = new Set();

/**
 * Where a conversation stands after one more message. Messages are heard in order of arrival, because that is what an
 * answer can have answered; clients' clocks have no say. What the platform says by itself answers nothing. `heard` are
 * the stages of the same call that arrived before: reports of a call come in any order and say the same in the end.
 */
export function hear(
  before: Standing | undefined,
  message: ConversationMessage,
  heard: ReadonlySet<CallStage> = nothingHeard,
): Standing {
  const { arrival, by, call, channel, id, occurredAtMs, receivedAtMs, text } = message;
  const isOld = before !== undefined && call !== undefined && isOutdone(call.stage, heard);
  const endedWith = isOld
    ? before.endedWith
    : { text: cutText(text, endedWithLength), by, at: new Date(occurredAtMs).toISOString(), channel };
  // Only the widget can show an answer; a call or mail in between does not take the conversation away from it.
  const widgetLeaf = by === 'customer' && channel === 'web' ? leafOfMessage(id) : before?.widgetLeaf;
  const ended = { endedWith, lastArrival: arrival, ...(widgetLeaf === undefined ? {} : { widgetLeaf }) };
  switch (call ? effectOfCall(call, by, heard) : effectOfWords(by)) {
    case 'asks': {
      const waitingSince = before?.waitingSince ?? new Date(receivedAtMs).toISOString();
      return { status: 'open', owes: 'us', waitingSince, ...ended };
    }
    case 'answers':
      return { status: 'pending', owes: 'customer', ...ended };
    case 'settles':
      return { status: 'pending', owes: 'nobody', ...ended };
    default:
      return before === undefined ? { status: 'pending', owes: 'nobody', ...ended } : { ...before, ...ended };
  }
}

function effectOfWords(by: ConversationMessage['by']): Effect {
  return by === 'customer' ? 'asks' : by === 'agent' ? 'answers' : 'none';
}

/** An inbound call asks until somebody has answered it; two people who spoke owe each other nothing. */
function effectOfCall({ stage }: CallPart, by: ConversationMessage['by'], heard: ReadonlySet<CallStage>): Effect {
  if (heard.has('missed')) return 'none';
  if (stage === 'missed') return 'asks';
  if (stage === 'answered') return 'settles';
  return stage === 'started' && by === 'customer' && heard.size === 0 ? 'asks' : 'none';
}
