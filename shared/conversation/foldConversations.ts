import type { ConversationStatus } from '../contracts/conversation.ts';
import type { Channel, ContinuityReason } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import { readPosition } from '../timeline/timelineKeys.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import { joinedSince, type LeafLink } from './leafLinks.ts';
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
  status?: ConversationStatus;
}

export interface Member {
  message: ConversationMessage;
  reason: ContinuityReason;
}

export interface Conversation extends Continuable {
  /** In the order in which they were assigned, the opening message first. */
  members: Member[];
}

/**
 * The conversations of one customer: a function of the set of all messages of all leaves. Rules (design §5), by order
 * of (occurredAt, key): an answer of ours belongs where the message it refers to belongs (`reference`), also if that
 * one sorts later because a client's clock is ahead; reports of one call belong together (`call`); any other message
 * continues what is open (`open`), else begins anew (`new`). Only what is known to be the same customer's when the
 * message is received is continued: two conversations that were open when their leaves were linked stay two.
 * `awaitedAnchors` are messages that answers refer to and that are not among the given ones.
 */
export function foldConversations(
  messages: readonly ConversationMessage[],
  links: readonly LeafLink[] = [],
): {
  conversations: Conversation[];
  awaitedAnchors: string[];
} {
  const ids = new Set(messages.map(({ id }) => id));
  const conversations: Conversation[] = [];
  const assigned = new Map<string, Conversation>();
  const waiting = new Map<string, ConversationMessage[]>();
  const calls = new Map<string, Conversation>();
  const leavesOf = new Map<Conversation, Set<Leaf>>();
  const sinceOf = joinedSince(new Set(messages.map(leafOf)), links);

  const assign = (message: ConversationMessage, conversation: Conversation, reason: ContinuityReason) => {
    const joining: Member[] = [{ message, reason }];
    for (let member = joining.shift(); member; member = joining.shift()) {
      const { id } = member.message;
      if (assigned.has(id)) continue;
      conversation.members.push(member);
      Object.assign(conversation, activityAfter(conversation, member.message));
      conversation.subject ??= member.message.subject;
      leavesOf.set(conversation, (leavesOf.get(conversation) ?? new Set()).add(leafOf(member.message)));
      assigned.set(id, conversation);
      const callId = member.message.call?.callId;
      if (callId !== undefined && !calls.has(callId)) calls.set(callId, conversation);
      joining.push(...(waiting.get(id) ?? []).map((answer): Member => ({ message: answer, reason: 'reference' })));
    }
  };
  const assignByCallOrTime = (message: ConversationMessage) => {
    const call = calls.get(message.call?.callId ?? '');
    if (call) return assign(message, call, 'call');
    const own = conversations.filter((conversation) =>
      [...(leavesOf.get(conversation) ?? [])].some((leaf) => sinceOf(leaf, leafOf(message)) <= message.receivedAtMs),
    );
    const open = openConversation(own, message);
    if (open) return assign(message, open, 'open');
    const opened: Conversation = { conversationId: message.id, channel: message.channel, members: [] };
    conversations.push(opened);
    assign(message, opened, 'new');
  };

  const unbound = circleOpeners(messages);
  for (const message of [...messages].sort(byPosition)) {
    const anchor = unbound.has(message.id) ? undefined : message.inReplyTo;
    const answered = anchor === undefined ? undefined : assigned.get(anchor);
    if (answered) assign(message, answered, 'reference');
    else if (anchor !== undefined && ids.has(anchor)) waiting.set(anchor, [...(waiting.get(anchor) ?? []), message]);
    else assignByCallOrTime(message);
  }
  const awaited = messages.flatMap(({ inReplyTo }) => (inReplyTo === undefined || ids.has(inReplyTo) ? [] : inReplyTo));
  return { conversations, awaitedAnchors: [...new Set(awaited)].sort() };
}

/**
 * Rule `open`: the conversation that a message without a reference continues, if any. What has a subject continues only
 * what is about that.
 */
export function openConversation<T extends Continuable>(
  conversations: readonly T[],
  message: ConversationMessage,
): T | undefined {
  if (isLate(message)) return undefined;
  const [best] = conversations
    .filter((conversation) => isOpenFor(conversation, message))
    .sort((one, other) => {
      const sameChannel = Number(other.channel === message.channel) - Number(one.channel === message.channel);
      return sameChannel || (positionOf(one) < positionOf(other) ? 1 : -1);
    });
  return best;
}

/** What a message does to the activity of the conversation that it joins. */
export function activityAfter(
  { activePosition, channel }: Continuable,
  message: ConversationMessage,
): Pick<Continuable, 'activePosition' | 'channel'> {
  if (isLate(message)) return { channel, ...(activePosition === undefined ? {} : { activePosition }) };
  if (activePosition !== undefined && activePosition > message.position) return { activePosition, channel };
  return { activePosition: message.position, channel: message.channel };
}

export function isLate({ occurredAtMs, receivedAtMs }: ConversationMessage): boolean {
  return receivedAtMs - occurredAtMs > lateAfterMs;
}

export function byPosition(one: ConversationMessage, other: ConversationMessage): number {
  if (one.position !== other.position) return one.position < other.position ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** Of messages that refer to each other in a circle the first one: its reference binds nothing. */
function circleOpeners(messages: readonly ConversationMessage[]): Set<string> {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const openers = new Set<string>();
  const followed = new Set<string>();
  for (const start of messages) {
    const path: ConversationMessage[] = [];
    let message: ConversationMessage | undefined = start;
    while (message && !followed.has(message.id)) {
      followed.add(message.id);
      path.push(message);
      message = message.inReplyTo === undefined ? undefined : byId.get(message.inReplyTo);
    }
    const meets = message ? path.indexOf(message) : -1;
    const [first] = meets < 0 ? [] : path.slice(meets).sort(byPosition);
    if (first) openers.add(first.id);
  }
  return openers;
}

function isOpenFor(conversation: Continuable, message: ConversationMessage): boolean {
  const { activePosition, status } = conversation;
  const { occurredAtMs, subject } = message;
  if (activePosition === undefined || status === 'resolved') return false;
  if (subject !== undefined && !isSameSubject(subject, conversation.subject ?? '')) return false;
  const active = readPosition(activePosition);
  return active !== undefined && occurredAtMs - active.occurredAtMs <= openForMs;
}

function leafOf({ id }: ConversationMessage): Leaf {
  return leafOfMessage(id) ?? '';
}

function positionOf({ activePosition = '' }: Continuable): string {
  return activePosition;
}
