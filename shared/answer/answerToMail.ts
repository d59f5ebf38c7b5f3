import type { IdentifierType } from '../contracts/identifier.ts';
import type { Interaction } from '../contracts/interaction.ts';
import { leafOfMessage } from '../conversation/conversationKeys.ts';
import { personOf } from '../conversation/sideOf.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { AnswerAddress } from './addressesNear.ts';
import { claimedAddress, type FindAddressPorts, findAddresses } from './findAddress.ts';

/** The customer's side of what an answer follows. */
export interface Side {
  leaf: Leaf;
  type: IdentifierType;
}

/** An answer with what it follows. */
export interface AnswerToMail {
  answer: Interaction;
  /** What the customer had said; undefined where we began. */
  asked: Interaction | undefined;
  side: Side;
}

/** Whose side of the conversation an answer follows: who was proven to ask, else where they asked. */
export function sideOfAnswer(answer: Interaction, asked: Interaction | undefined, ports: FindAddressPorts): Side {
  const person = asked && personOf(asked, ports.leafOf);
  const isUser = person !== undefined && typeof asked?.properties.mailbox !== 'string';
  if (person !== undefined) return { leaf: person, type: isUser ? 'userId' : 'email' };
  const channel = asked?.channel ?? answer.channel;
  const type = channel === 'web' ? 'anonymousId' : channel === 'email' ? 'email' : 'phone';
  return { leaf: leafOfMessage(asked?.id ?? answer.id) ?? '', type };
}

/** Where an answer may be mailed, the best address first, and who the customer is as far as that is known. */
export interface Recipient {
  addresses: AnswerAddress[];
  view: CustomerView | undefined;
  /** Nobody but the visitor says that the address is theirs. */
  isClaimed: boolean;
}

/**
 * A mail is answered to its sender, anything else to the customer's nearest address; to an address that was only typed
 * in the chat where nothing better is known, and only what was asked there.
 */
export async function recipientOf(ports: FindAddressPorts, { asked, side }: AnswerToMail): Promise<Recipient> {
  const { addresses, view } = await findAddresses(ports, side.leaf);
  const sender = asked?.channel === 'email' ? asked.identifiers.find(({ type }) => type === 'email') : undefined;
  if (sender) {
    const address = { value: sender.value, leaf: ports.leafOf({ type: 'email', value: sender.value }) };
    return { addresses: [address], view, isClaimed: sender.trust === 'claimed' };
  }
  if (addresses.length > 0 || asked?.channel !== 'web') return { addresses, view, isClaimed: false };
  const person = personOf(asked, ports.leafOf);
  const address = await claimedAddress(ports, { browser: leafOfMessage(asked.id) ?? '', person });
  return { addresses: address ? [address] : [], view, isClaimed: true };
}
