import type { Interaction } from '../contracts/interaction.ts';
import { leafOfMessage } from '../conversation/conversationKeys.ts';
import { sideOf } from '../conversation/sideOf.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Visitor } from './sessionToken.ts';
import { homeOfVisitor } from './visitorOf.ts';

/** Who a visitor is to themselves. Whatever else is known to be the same customer serves agents. */
export interface Sides {
  browser: Leaf;
  /** The user who was proven to be signed in, or the mailbox whose link was followed. */
  person: Leaf | undefined;
}

export function sidesOf(leafOf: LeafOf, visitor: Visitor): Sides {
  const { resumed, user } = visitor;
  const signedIn = user?.trust === 'proven' ? leafOf({ type: 'userId', value: user.userId }) : undefined;
  const person = resumed?.address ?? signedIn;
  return { browser: homeOfVisitor(leafOf, visitor), person };
}

/**
 * What a visitor is shown of a conversation in the widget: what was written in this browser and our answers to it, but
 * nothing that another person was proven to have written here, nor an answer to them. Who followed the link in a mail
 * is shown the answers in it, and what the mailbox wrote.
 */
export function shownHere(leafOf: LeafOf, visitor: Visitor): (message: Interaction) => boolean {
  const { browser, person } = sidesOf(leafOf, visitor);
  const { resumed } = visitor;
  return (message) => {
    if (resumed?.answers.includes(message.id)) return true;
    const side = sideOf(message, leafOf);
    if (side === browser) return true;
    return side !== undefined && side === person && (resumed !== undefined || leafOfMessage(message.id) === browser);
  };
}
