import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { leafOfMessage } from './conversationKeys.ts';

/**
 * Who was proven to write in a browser: the signed-in user, or the mailbox whose link was followed there. Undefined for
 * whoever sits at the browser, and for every other channel.
 */
export function personOf(
  { channel, direction, identifiers, properties, trust }: Interaction,
  leafOf: LeafOf,
): Leaf | undefined {
  if (channel !== 'web' || direction !== 'inbound' || trust !== 'proven') return undefined;
  if (typeof properties.mailbox === 'string') return properties.mailbox;
  const user = identifiers.find((identifier) => identifier.type === 'userId' && identifier.trust === 'proven');
  return user && leafOf(user);
}

/**
 * Whose side of a conversation a message belongs to: of what the customer wrote who proved to have written it, else the
 * leaf that keeps it; of an answer whom it is for. Undefined for what no customer is shown: notes among colleagues, and
 * what guests wrote.
 */
export function sideOf(interaction: Interaction, leafOf: LeafOf): Leaf | undefined {
  const { direction, id, properties } = interaction;
  if (direction === 'internal' || properties.guest !== undefined) return undefined;
  if (direction === 'outbound' && typeof properties.answersTo === 'string') return properties.answersTo;
  return personOf(interaction, leafOf) ?? leafOfMessage(id);
}
