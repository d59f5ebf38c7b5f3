import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import { speakerOf } from './conversationMessage.ts';
import type { Conversations } from './conversations.ts';

/** Messages that are looked through for the customer's last words. */
const searchedMessages = 50;

/**
 * What the customer, who is these leaves, last said in a conversation, which decides where an answer goes: the last written words, by chat or
 * by mail, else the last call or text message. A guest is not the customer, and a machine says nothing.
 */
export async function lastWords(
  conversations: Pick<Conversations, 'readNewest'>,
  conversationId: string,
  leaves: ReadonlySet<Leaf>,
): Promise<Interaction | undefined> {
  const said = (await conversations.readNewest(conversationId, searchedMessages, leaves)).filter(
    (message) => speakerOf(message) === 'customer' && message.direction === 'inbound' && !message.properties.guest,
  );
  return said.find(({ channel }) => channel === 'web' || channel === 'email') ?? said[0];
}
