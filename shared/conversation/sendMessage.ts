import { type FindAddressPorts, findAddresses } from '../answer/findAddress.ts';
import type { AgentMessageRequest } from '../contracts/conversation.ts';
import type { Interaction } from '../contracts/interaction.ts';
import type { Source } from '../contracts/source.ts';
import { readConversation } from '../customer/readConversation.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { Conversations } from './conversations.ts';
import { lastWords } from './lastWords.ts';
import { personOf } from './sideOf.ts';

/** An answer to the customer, in the conversation to which the named message belongs. */
export interface Answer {
  /** Id of the conversation, or of any message in it. */
  conversationId: string;
  source: Source;
  message: AgentMessageRequest;
  receivedAtMs: number;
}

export interface SendMessagePorts extends FindAddressPorts {
  conversations: Pick<Conversations, 'readCard' | 'readNewest'>;
  timeline: Pick<Timeline, 'append' | 'readRange'>;
  newId: NewId;
}

/**
 * Takes in an answer for the customer, for the channel on which they last wrote: the widget shows it, a mail is answered
 * by mail, and so is a call where an address is known. The same `messageId` again answers the same id for 30 days.
 * Undefined where there is no such conversation. Throws `conflict` where nothing would reach the customer: an answer
 * that nobody would deliver is refused, not stored.
 */
export async function sendMessage(ports: SendMessagePorts, answer: Answer): Promise<Appended | undefined> {
  const conversation = await readConversation(ports, answer.conversationId);
  if (conversation === undefined) return undefined;
  const { card, leaves } = conversation;
  const asked = await lastWords(ports.conversations, card.conversationId, leaves);
  if (asked === undefined || !(await canReach(ports, asked))) {
    throw new PlatformError(
      'conflict',
      'An answer would not reach the customer: they have not written in the widget, and no address of theirs is known.',
    );
  }
  const interaction = sentInteraction(asked, answer, ports.leafOf);
  return await ports.timeline.append(
    placeInteraction(interaction, { newId: ports.newId, receivedAtMs: answer.receivedAtMs }),
  );
}

/**
 * The answer names the message that it follows and lies on its leaf: conversations may be split and customers linked or
 * parted, an answer stays with whom it was for. Who was proven to ask is named, so that nobody else at the same browser
 * reads it.
 */
export function sentInteraction(
  asked: Interaction,
  { conversationId, source, message: { agent, messageId, text } }: Omit<Answer, 'receivedAtMs'>,
  leafOf: LeafOf,
): IncomingInteraction {
  const [home, named] = [leafOfMessage(asked.id), leafOfMessage(conversationId)];
  if (home === undefined || named === undefined) throw new TypeError('a message has a malformed id');
  const person = personOf(asked, leafOf);
  return {
    ...outgoing({ home, source, channel: asked.channel === 'web' ? 'web' : 'email', text }),
    // Whatever the customer writes meanwhile: another try names the same conversation.
    ...(messageId === undefined ? {} : { messageId, recognisedAt: named }),
    properties: {
      inReplyTo: asked.id,
      ...(agent === undefined ? {} : { agent }),
      ...(person === undefined ? {} : { answersTo: person }),
    },
  };
}

/** A message of ours, on its way to somebody's widget or mailbox. */
export function outgoing({
  channel,
  home,
  source,
  text,
}: {
  channel: 'web' | 'email';
  home: Leaf;
  source: Source;
  text: string;
}): Omit<IncomingInteraction, 'properties'> {
  return {
    home,
    type: 'message.sent',
    channel,
    direction: 'outbound',
    source: source.name,
    touchpoint: channel === 'web' ? 'widget' : 'email',
    trust: 'asserted',
    identifiers: [],
    text,
  };
}

/** Whether something shows the answer, or an address is known to which it can be mailed. */
async function canReach(ports: SendMessagePorts, asked: Interaction): Promise<boolean> {
  if (asked.channel === 'web') return true;
  if (asked.channel === 'email' && asked.identifiers.some(({ type }) => type === 'email')) return true;
  const { addresses } = await findAddresses(ports, leafOfMessage(asked.id) ?? '');
  return addresses.length > 0;
}
