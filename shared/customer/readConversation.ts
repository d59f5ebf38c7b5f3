import type { Interaction } from '../contracts/interaction.ts';
import type { ConversationCard } from '../conversation/conversationCard.ts';
import { leafOfMessage } from '../conversation/conversationKeys.ts';
import { messageOf } from '../conversation/conversationMessage.ts';
import type { Conversations } from '../conversation/conversations.ts';
import { hear, type Standing } from '../conversation/hear.ts';
import type { Leaf } from '../identity/leaf.ts';
import { nameOf } from './preferences.ts';
import { type CustomerView, type ReadCustomerPorts, readCustomer } from './readCustomer.ts';

/** A conversation as the leaves of its customer tell it. */
export interface ConversationView {
  card: ConversationCard;
  /** Whose words it may show; what others wrote into it before they were parted is not the customer's any more. */
  leaves: ReadonlySet<Leaf>;
}

export interface ReadConversationPorts extends ReadCustomerPorts {
  conversations: Pick<Conversations, 'readCard' | 'readNewest'>;
}

/** Messages from which a card is told anew. */
const retoldMessages = 50;

/**
 * A conversation by the id of any of its messages, exact from the moment at which its customer's leaves were parted: until
 * they are folded again its card is told from the messages of those to whom the named one belongs now. Reads card and
 * customer at the same time: a conversation by its own id takes two round trips and at most 3 read units, while nothing
 * is being parted. Undefined for what is not (yet) a conversation and for a malformed id.
 */
export async function readConversation(
  ports: ReadConversationPorts,
  id: string,
): Promise<ConversationView | undefined> {
  const leaf = leafOfMessage(id);
  if (leaf === undefined) return undefined;
  const [view, stored] = await Promise.all([readCustomer(ports, leaf), ports.conversations.readCard(id)]);
  if (view === undefined || stored === undefined) return undefined;
  const leaves = new Set(view.leaves);
  const { conversationId } = stored;
  // A message still names the conversation that somebody else opened until its own side is folded.
  const isOwn = leaves.has(leafOfMessage(conversationId) ?? '');
  if (view.isCurrent && isOwn) return { card: stored, leaves };
  const card =
    view.cards.find((one) => one.conversationId === conversationId) ??
    retold(stored, view, await ports.conversations.readNewest(conversationId, retoldMessages, leaves));
  return card && { card, leaves };
}

/** A card from its latest messages. What was done with the conversation still holds; subject and origin may be another's. */
function retold(
  { assignee, conversationId, snoozedUntil, status }: ConversationCard,
  { customerId, head }: CustomerView,
  newestFirst: readonly Interaction[],
): ConversationCard | undefined {
  const messages = newestFirst.flatMap((message) => messageOf(message) ?? []).filter(({ isNote }) => !isNote);
  const [last] = messages;
  const standing = messages.reduceRight<Standing | undefined>((before, message) => hear(before, message), undefined);
  if (last === undefined || standing === undefined) return undefined;
  const { endedWith, owes, waitingSince } = standing;
  const name = nameOf(head.preferences);
  const isAside = status === 'resolved' || status === 'snoozed';
  return {
    conversationId,
    customerId,
    ...(name === undefined ? {} : { name }),
    status: isAside ? status : standing.status,
    channel: last.channel,
    endedWith,
    owes,
    ...(waitingSince === undefined || status === 'resolved' ? {} : { waitingSince }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  };
}
