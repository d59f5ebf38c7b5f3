import { replyTokenIn, withoutReplyToken } from '../token/replyAddress.ts';

/** Where a mail went: the recipient's part before the `@` names the source. */
export interface Mailbox {
  /** Name of the source; `mail` for a recipient that is none of our mailboxes. */
  source: string;
  /** The whole address as the envelope has it, in lower case. */
  address: string;
  /** The same as people may read it: what a reply address is bound to is nobody's business. */
  touchpoint: string;
  isKnown: boolean;
  /** What stands for a token, where it is an address for replies. */
  replyToken?: string;
}

/** The mailbox of an envelope's recipient. What follows a `+` is the sender's own note and names no other mailbox. */
export function mailboxOf(recipient: string, mailDomain: string): Mailbox {
  const address = recipient.trim().toLowerCase();
  const at = address.lastIndexOf('@');
  const name = address.slice(0, Math.max(at, 0)).replace(/\+.*$/s, '').replace(/[._]/g, '-');
  const isKnown = address.slice(at + 1) === mailDomain.toLowerCase() && /^[a-z][a-z0-9-]{0,62}$/.test(name);
  const replyToken = replyTokenIn(address, mailDomain);
  return {
    source: isKnown ? name : 'mail',
    address: address.slice(0, 320),
    touchpoint: withoutReplyToken(address).slice(0, 320),
    isKnown,
    ...(replyToken === undefined ? {} : { replyToken }),
  };
}
