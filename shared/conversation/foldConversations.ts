import type { ContinuityReason } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import { activityAfter, type Continuable, continuationOf, reopens } from './continuation.ts';
import type { ConversationCommand } from './conversationCommand.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import type { ConversationStory } from './conversationStory.ts';
import { joinedSince } from './leafLinks.ts';

export interface Member {
  message: ConversationMessage;
  reason: ContinuityReason;
  /** Id of the conversation that it belonged to before anything was merged. */
  part: string;
}

/** A command with the parts of the conversation that it was given to. */
export interface GivenCommand {
  command: ConversationCommand;
  parts: readonly string[];
}

export interface Conversation extends Continuable {
  /** In the order in which they were assigned, the opening message first; what was merged comes after. */
  members: Member[];
  /** The commands that concern it, in the order of their positions. */
  commands: GivenCommand[];
  /** Ids of the conversations that were merged into it, its own first. */
  parts: string[];
  /** The conversation, or the message, that it came from. */
  linkedTo?: string | undefined;
  isUnverifiedReply?: true | undefined;
}

/** A message, or a command, in the order of (occurredAt, key). */
type Step = { position: string; id: string } & ({ message: ConversationMessage } | { command: ConversationCommand });

/** What a message names by itself, and the reason that it then has. */
interface Anchor {
  id: string;
  reason: ContinuityReason;
}

/**
 * The conversations of one customer: a function of the set of all messages and commands of all leaves. Rules (design
 * §5), by order of (occurredAt, key): where an agent made the message the beginning of a conversation (`split`); the
 * message that a verified token, a reference of a mail or our own answer names (`token`, `reference`), also if that one
 * sorts later because a client's clock is ahead; reports of one call (`call`); what is open (`open`), else anew (`new`).
 * A mail that refers to what is not this customer's begins anew, and says so. Only what was known to be the same
 * customer's when the message was written is continued: two conversations that were open when their leaves were linked
 * stay two. When something was received plays no part, unless it came very late.
 * `awaitedAnchors` are messages that others name and that are not among the given ones.
 */
export function foldConversations({ commands, links, messages }: ConversationStory): {
  conversations: Conversation[];
  awaitedAnchors: string[];
  /** Conversations of commands that cannot be obeyed, since they also name what is not this customer's. */
  unobeyed: Map<string, string>;
} {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const openers = openersAmong(commands);
  const unbound = circleOpeners(messages, byId);
  const sinceOf = joinedSince(new Set(messages.map(leafOf)), links);

  let conversations: Conversation[] = [];
  const assigned = new Map<string, Conversation>();
  const waiting = new Map<string, (Anchor & { message: ConversationMessage })[]>();
  const pending = new Map<string, ConversationCommand[]>();
  const calls = new Map<string, ConversationMessage>();
  const leavesOf = new Map<Conversation, Set<Leaf>>();

  const assign = (first: ConversationMessage, conversation: Conversation, why: ContinuityReason) => {
    const joining: Omit<Member, 'part'>[] = [{ message: first, reason: why }];
    for (let member = joining.shift(); member; member = joining.shift()) {
      const { message } = member;
      const into = assigned.get(first.id) ?? conversation;
      into.members.push({ ...member, part: into.conversationId });
      if (!message.isNote) Object.assign(into, activityAfter(into, message));
      if (reopens(message)) into.isClosed = false;
      into.subject ??= message.subject;
      leavesOf.set(into, (leavesOf.get(into) ?? new Set()).add(leafOf(message)));
      assigned.set(message.id, into);
      const callId = message.call?.callId;
      if (callId !== undefined && !calls.has(callId)) calls.set(callId, message);
      const ready = pending.get(message.id) ?? [];
      pending.delete(message.id);
      for (const command of ready) obey(command);
      joining.push(...(waiting.get(message.id) ?? []));
    }
  };
  const begin = (
    message: ConversationMessage,
    reason: ContinuityReason,
    origin: Pick<Conversation, 'linkedTo' | 'isUnverifiedReply'> = {},
  ) => {
    const { channel, id } = message;
    const conversation = { conversationId: id, channel, members: [], commands: [], parts: [id], ...origin };
    conversations.push(conversation);
    assign(message, conversation, reason);
  };
  const assignByCallOrTime = (message: ConversationMessage) => {
    const report = calls.get(message.call?.callId ?? '');
    const call = report && assigned.get(report.id);
    if (call) return assign(message, call, 'call');
    if (message.startsConversation) return begin(message, 'new');
    const known = conversations.filter((conversation) =>
      [...(leavesOf.get(conversation) ?? [])].some((leaf) => sinceOf(leaf, leafOf(message)) <= message.occurredAtMs),
    );
    const { open, related } = continuationOf(known, message);
    if (open) return assign(message, open, 'open');
    return begin(message, 'new', related ? { linkedTo: related.conversationId } : {});
  };
  const place = (message: ConversationMessage) => {
    if (openers.has(message.id) && !message.isNote) return begin(message, 'split');
    const anchor = unbound.has(message.id) ? undefined : anchorOf(message, byId);
    if (anchor) {
      const named = assigned.get(anchor.id);
      if (named) return assign(message, named, anchor.reason);
      waiting.set(anchor.id, [...(waiting.get(anchor.id) ?? []), { ...anchor, message }]);
      return;
    }
    if (message.isNote) return;
    const [linkedTo] = message.references ?? [];
    if (linkedTo !== undefined && !unbound.has(message.id)) {
      return begin(message, 'new', { linkedTo, isUnverifiedReply: true });
    }
    return assignByCallOrTime(message);
  };
  /** Does what a command says, once the messages that it names have their conversations. */
  const obey = (command: ConversationCommand): void => {
    const names = namesOf(command);
    const missing = names.find((id) => !assigned.has(id));
    if (missing !== undefined) return void pending.set(missing, [...(pending.get(missing) ?? []), command]);
    const [conversation, into = conversation] = names.flatMap((id) => assigned.get(id) ?? []);
    if (conversation === undefined || into === undefined) return;
    into.commands.push({ command, parts: [...into.parts] });
    if (command.does === 'resolve') into.isClosed = true;
    if (command.does === 'reopen') into.isClosed = false;
    // Who makes the beginning of a conversation one again later takes back that it was merged.
    const isTakenBack = (openers.get(conversation.conversationId) ?? '') > command.position;
    if (conversation !== into && !isTakenBack) merge(conversation, into);
  };
  const merge = (from: Conversation, into: Conversation) => {
    const latest = (from.activePosition ?? '') > (into.activePosition ?? '') ? from : into;
    Object.assign(into, {
      activePosition: latest.activePosition,
      channel: latest.channel,
      subject: into.subject ?? from.subject,
      isClosed: Boolean(from.isClosed && into.isClosed),
    });
    into.members.push(...from.members);
    into.commands.push(...from.commands);
    into.parts.push(...from.parts);
    leavesOf.set(into, new Set([...(leavesOf.get(into) ?? []), ...(leavesOf.get(from) ?? [])]));
    for (const { message } of from.members) assigned.set(message.id, into);
    conversations = conversations.filter((one) => one !== from);
  };

  for (const step of stepsOf(messages, commands)) {
    if ('message' in step) place(step.message);
    else obey(step.command);
  }
  const named = [...messages.flatMap(namedBy), ...commands.flatMap(namesOf)];
  const awaited = named.filter((id) => !byId.has(id));
  const unobeyed = [...pending.values()].flat().flatMap(({ id, message }): [string, string][] => {
    const conversation = assigned.get(message);
    return conversation ? [[id, conversation.conversationId]] : [];
  });
  return { conversations, awaitedAnchors: [...new Set(awaited)].sort(), unobeyed: new Map(unobeyed) };
}

export function byPosition(one: { position: string; id: string }, other: { position: string; id: string }): number {
  if (one.position !== other.position) return one.position < other.position ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** The messages that a message names, the one that counts most first. */
export function namedBy({ inReplyTo, references = [], token }: ConversationMessage): string[] {
  return [...(token === undefined ? [] : [token]), ...references, ...(inReplyTo === undefined ? [] : [inReplyTo])];
}

function namesOf(command: ConversationCommand): string[] {
  return command.does === 'merge' ? [command.message, command.into] : [command.message];
}

/** Messages that agents made the beginning of a conversation, with the position of the last command that did. */
function openersAmong(commands: readonly ConversationCommand[]): Map<string, string> {
  const splits = commands.filter(({ does }) => does === 'split').sort(byPosition);
  return new Map(splits.map(({ message, position }) => [message, position]));
}

function stepsOf(messages: readonly ConversationMessage[], commands: readonly ConversationCommand[]): Step[] {
  const steps: Step[] = [
    ...messages.map((message) => ({ position: message.position, id: message.id, message })),
    ...commands.map((command) => ({ position: command.position, id: command.id, command })),
  ];
  return steps.sort(byPosition);
}

/** The first message that a message names and that is this customer's; a note stands for the message that it is on. */
function anchorOf(message: ConversationMessage, byId: ReadonlyMap<string, ConversationMessage>): Anchor | undefined {
  for (const name of namedBy(message)) {
    const named = name === message.id ? undefined : byId.get(name);
    const anchor = named?.isNote ? byId.get(named.inReplyTo ?? '') : named;
    if (anchor && !anchor.isNote) return { id: anchor.id, reason: name === message.token ? 'token' : 'reference' };
  }
  return undefined;
}

/** Of messages that refer to each other in a circle the first one: its reference binds nothing. */
function circleOpeners(
  messages: readonly ConversationMessage[],
  byId: ReadonlyMap<string, ConversationMessage>,
): Set<string> {
  const openers = new Set<string>();
  const followed = new Set<string>();
  for (const start of messages) {
    const path: ConversationMessage[] = [];
    let message: ConversationMessage | undefined = start;
    while (message && !followed.has(message.id)) {
      followed.add(message.id);
      path.push(message);
      message = byId.get(anchorOf(message, byId)?.id ?? '');
    }
    const meets = message ? path.indexOf(message) : -1;
    const [first] = meets < 0 ? [] : path.slice(meets).sort(byPosition);
    if (first) openers.add(first.id);
  }
  return openers;
}

function leafOf({ id }: ConversationMessage): Leaf {
  return leafOfMessage(id) ?? '';
}
