import type { Channel } from '../contracts/interaction.ts';
import { readPosition } from '../timeline/timelineKeys.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import { isSameSubject } from './mailSubject.ts';

/** How long after the last words they are still continued, in milliseconds. */
const openForMs = 14 * 24 * 60 * 60 * 1000;
/** A message received this long after it was written neither continues a conversation nor keeps one open. */
const lateAfterMs = 72 * 60 * 60 * 1000;

/** A conversation as far as rule `open` is concerned. */
export interface Continuable {
  conversationId: string;
  /** Position of the newest message that was not late; absent where all were. */
  activePosition?: string | undefined;
  /** Channel of that message, else of the opening one. */
  channel: Channel;
  /** Subject of its first mail. */
  subject?: string | undefined;
  /** It was resolved, and nobody has spoken since, by the order of positions. */
  isClosed?: boolean | undefined;
}

/** What a message without a reference goes on with, and what it only follows because it has a subject of its own. */
export interface Continuation<T> {
  open?: T;
  related?: T;
}

/**
 * Rule `open`: the conversation that is not closed and was active in the last fourteen days; of several one on the same
 * channel, then the most recent. What has a subject continues only what is about that.
 */
export function continuationOf<T extends Continuable>(
  conversations: readonly T[],
  message: ConversationMessage,
): Continuation<T> {
  if (isLate(message)) return {};
  const candidates = conversations
    .filter((conversation) => isOpenAt(conversation, message.occurredAtMs))
    .sort((one, other) => {
      const sameChannel = Number(other.channel === message.channel) - Number(one.channel === message.channel);
      return sameChannel || ((one.activePosition ?? '') < (other.activePosition ?? '') ? 1 : -1);
    });
  const { subject } = message;
  const open = candidates.find((one) => subject === undefined || isSameSubject(subject, one.subject ?? ''));
  if (open) return { open };
  const [related] = candidates;
  return related ? { related } : {};
}

/** What a message does to the activity of the conversation that it joins. */
export function activityAfter(
  { activePosition, channel }: Continuable,
  message: ConversationMessage,
): Pick<Continuable, 'activePosition' | 'channel'> {
  const isOlder = activePosition !== undefined && activePosition > message.position;
  if (isLate(message) || isOlder) return { channel, ...(activePosition === undefined ? {} : { activePosition }) };
  return { activePosition: message.position, channel: message.channel };
}

export function isLate({ occurredAtMs, receivedAtMs }: ConversationMessage): boolean {
  return receivedAtMs - occurredAtMs > lateAfterMs;
}

/** Whether a message opens again what was resolved before it was written; what came too late changes no other's place. */
export function reopens(message: ConversationMessage): boolean {
  return isSpoken(message) && !isLate(message);
}

/** Whether somebody speaks, so that what was resolved is open again: no machine, and no note among colleagues. */
export function isSpoken({ by, isNote }: ConversationMessage): boolean {
  return by !== 'system' && !isNote;
}

function isOpenAt({ activePosition, isClosed }: Continuable, timeMs: number): boolean {
  const active = activePosition === undefined || isClosed ? undefined : readPosition(activePosition);
  return active !== undefined && timeMs - active.occurredAtMs <= openForMs;
}
