import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { leafOfMessage } from './conversationKeys.ts';

/** A snooze that is over. */
export interface OverdueSnooze {
  /** Id of its command. */
  snooze: string;
  /** The message that the command named. */
  message: string;
  /** When it was to end, in milliseconds. */
  untilMs: number;
  receivedAtMs: number;
}

/**
 * Puts it on the timeline that a snooze is over; the projection carries it out. It stands at the time at which the snooze was to end,
 * under an id that follows from the command, so waking twice is waking once.
 */
export async function wakeConversation(
  { timeline }: { timeline: Pick<Timeline, 'append'> },
  { message, receivedAtMs, snooze, untilMs }: OverdueSnooze,
): Promise<Appended> {
  const home = leafOfMessage(message);
  if (home === undefined) throw new TypeError('a snooze names a malformed id');
  const placement = placeInteraction(
    {
      home,
      messageId: `conversation.woken|${snooze}`,
      clientTimeMs: untilMs,
      type: 'conversation.woken',
      channel: 'system',
      direction: 'internal',
      source: 'platform',
      touchpoint: 'clock',
      trust: 'asserted',
      identifiers: [],
      text: 'Conversation came back by the clock',
      properties: { message, snooze },
    },
    { newId: hasMessageId, receivedAtMs },
  );
  return timeline.append(placement);
}

/** It has a message id of its own. */
function hasMessageId(): never {
  throw new Error('a conversation that is woken needs no made-up id');
}
