import type { IdentifierType } from '../contracts/identifier.ts';
import type { Leaf } from '../identity/leaf.ts';

/** What a reply address was given out for. */
export interface ReplyBinding {
  /** Id of the message that a reply continues. */
  message: string;
  /** The leaf of the mailbox that the mail went to: who else replies is a guest. */
  address: Leaf;
  /** The leaf of the customer's side of the conversation, and its kind. */
  leaf: Leaf;
  type: IdentifierType;
}

/** That a resume link was used: by which browser, and when. */
export interface ResumeUse {
  browser: Leaf;
  atMs: number;
}

/** What tokens stand for, as use cases see it; `tokenStore.ts` keeps it in the table. */
export interface Tokens {
  /** Keeps what a reply address is for; the first binding of a name stays. */
  bindReply(name: string, binding: ReplyBinding, atMs: number): Promise<void>;
  /** Undefined for a name that is not bound, or not any more. */
  readReply(name: string, nowMs: number): Promise<ReplyBinding | undefined>;
  /** Marks a resume link as used; the use that came first, which may be another one than the given. */
  useResume(id: string, use: ResumeUse, expiresAtMs: number): Promise<ResumeUse>;
}
