import type { Leaf } from '../identity/leaf.ts';
import type { IncomingInteraction } from '../timeline/placeInteraction.ts';

/** A mail on its way to the timeline. */
type IncomingMail = Omit<IncomingInteraction, 'home'>;

/**
 * What a guest's mail is in the conversation: a copy of its words on the leaf of the message that it answers. It names
 * nobody as the customer's own identifier, so it links nothing; who the guest says to be is told beside it.
 */
export function guestMessage(
  mail: IncomingMail,
  { id, home, message }: { id: string; home: Leaf; message: string },
): IncomingInteraction {
  const { subject, fromName, attachments, marks } = mail.properties;
  const [sender] = mail.identifiers;
  return {
    ...mail,
    home,
    trust: 'claimed',
    identifiers: [],
    properties: {
      ...(subject === undefined ? {} : { subject }),
      ...(attachments === undefined ? {} : { attachments }),
      ...(marks === undefined ? {} : { marks }),
      reply: { message },
      guest: {
        message: id,
        ...(sender?.type === 'email' ? { address: sender.value } : {}),
        ...(fromName === undefined ? {} : { name: fromName }),
      },
    },
  };
}
