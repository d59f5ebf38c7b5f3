/** What somebody does. Values are as the outside world writes them; `to` is the number of an earlier step. */
export type Deed =
  | { does: 'identify'; user: string; browser?: string; email?: string; phone?: string; name: string }
  | { does: 'browse'; browser: string; claimedUser?: string; events: ('page' | 'order' | 'event')[] }
  | { does: 'claim'; user: string }
  | { does: 'session'; browser: string; user?: string; isSigned: boolean; email?: string; name?: string }
  | { does: 'chat'; browser: string; user?: string; isSigned: boolean }
  | {
      does: 'mail';
      email: string;
      isProven: boolean;
      subject: string;
      isAutomatic: boolean;
      name: string;
      refersTo?: number;
    }
  | { does: 'call'; phone: string; call: string; stage: 'ringing' | 'in-progress' | 'completed' | 'no-answer' }
  | { does: 'text'; phone: string }
  | { does: 'answer'; to: number }
  /** Our mail brings an answer to the customer. */
  | { does: 'deliver'; to: number }
  /** To the reply address of that mail, from the mailbox that it went to or from another one. */
  | { does: 'reply'; to: number; otherEmail?: string; isProven: boolean; isAutomatic: boolean; name: string }
  /** By the link in that mail. */
  | { does: 'resume'; to: number; browser: string }
  | { does: Command; to: number; into?: number }
  | { does: 'link' | 'unlink'; a: OwnedIdentifier; b: OwnedIdentifier };

export const commands = ['resolve', 'reopen', 'snooze', 'assign', 'split', 'merge', 'note'] as const;
/** What our people do to the conversation of a message. */
export type Command = (typeof commands)[number];

export interface OwnedIdentifier {
  type: 'userId' | 'email' | 'phone' | 'anonymousId';
  value: string;
}
