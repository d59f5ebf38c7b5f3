import type { IdentifierType } from '../contracts/identifier.ts';
import type { Leaf } from '../identity/leaf.ts';
import { readInteractionId } from '../timeline/timelineKeys.ts';
import type { ReplyTokens } from '../token/replyToken.ts';
import type { Tokens } from '../token/tokens.ts';
import type { ReadMail } from './readMail.ts';

/**
 * Whom a mail to one of our reply addresses comes from. `reply`: from the mailbox that the address was given to.
 * `guest`: from elsewhere, as of somebody to whom our mail was forwarded. `broken`: the address is damaged, forged or
 * too old, so it is an ordinary mail.
 */
export type MailReply =
  | { kind: 'reply'; message: string; leaf: Leaf; type: IdentifierType }
  | { kind: 'guest'; message: string }
  | { kind: 'broken' };

export interface MailReplyPorts {
  replyTokens: Pick<ReplyTokens, 'verify'>;
  tokens: Pick<Tokens, 'readReply'>;
}

/** `home` is the leaf that keeps the mail: the mailbox's own only where its domain vouches for the sender. */
export async function readReply(
  { replyTokens, tokens }: MailReplyPorts,
  { token, home, receivedAtMs }: { token: string; home: Leaf; receivedAtMs: number },
): Promise<MailReply> {
  const name = replyTokens.verify(token);
  const binding = name === undefined ? undefined : await tokens.readReply(name, receivedAtMs);
  if (binding === undefined) return { kind: 'broken' };
  const { address, leaf, message, type } = binding;
  return address === home ? { kind: 'reply', message, leaf, type } : { kind: 'guest', message };
}

/** Messages of ours that a mail says it answers, most of them looked at. */
const mostAnswers = 10;

/**
 * The ids of our messages that a mail refers to, the nearest first. Anybody can write them: they prove nothing, and
 * whose messages they are is for the conversations to find out.
 */
export function answersIn(
  { inReplyTo, references }: Pick<ReadMail, 'inReplyTo' | 'references'>,
  ownDomains: readonly string[],
): string[] {
  const named = [...(inReplyTo === undefined ? [] : [inReplyTo]), ...references.toReversed()];
  const ids = named.flatMap((text) => {
    const [, id = '', domain = ''] = /^<([^<>@]+)@([^<>@]+)>$/.exec(text) ?? [];
    return ownDomains.includes(domain.toLowerCase()) && readInteractionId(id) ? [id] : [];
  });
  return [...new Set(ids)].slice(0, mostAnswers);
}
