import type { AgentMessageRequest } from '../contracts/conversation.ts';
import type { Source } from '../contracts/source.ts';
import { PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { FoldedCard } from './conversationCard.ts';
import { leafOfMessage } from './conversationKeys.ts';
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
 * Takes in an answer for the customer, to be read in the widget. The same `messageId` again answers the same id for 30
 * days. Undefined where there is no such conversation. Throws `conflict` where the customer has not written in the
 * widget: an answer that nobody would deliver is refused, not stored.
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

/**
 * The answer names a message and lies on its leaf: conversations may be split and customers linked, messages stay. Where
 * the customer last wrote from another leaf, `answersTo` says that the answer is for that one.
 */
export function sentInteraction(
  card: Pick<FoldedCard, 'widgetLeaf'>,
  { conversationId, source, message: { agent, messageId, text } }: Omit<Answer, 'receivedAtMs'>,
): IncomingInteraction {
  const home = leafOfMessage(conversationId);
  if (home === undefined) throw new TypeError('a conversation has a malformed id');
  if (card.widgetLeaf === undefined) {
    throw new PlatformError(
      'conflict',
      'The customer cannot read an answer here: they have not written in the widget.',
    );
  }
  return {
    home,
    ...(messageId === undefined ? {} : { messageId }),
    type: 'message.sent',
    channel: 'web',
    direction: 'outbound',
    source: source.name,
    touchpoint: 'widget',
    trust: 'asserted',
    identifiers: [],
    text,
    properties: {
      inReplyTo: conversationId,
      ...(agent === undefined ? {} : { agent }),
      ...(card.widgetLeaf === home ? {} : { answersTo: card.widgetLeaf }),
    },
  };
}
