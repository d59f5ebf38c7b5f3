import type { Channel, ContinuityReason, Interaction } from '../contracts/interaction.ts';
import type { EndedWith } from '../contracts/widget.ts';
import { positionText, readInteractionId } from '../timeline/timelineKeys.ts';
import { type CallPart, callPartOf } from './callStage.ts';
import { arrivalOf } from './conversationKeys.ts';
import { mailSubject } from './mailSubject.ts';

export type Speaker = EndedWith['by'];

/** Why a message belongs to which conversation. */
export interface Membership {
  conversationId: string;
  reason: ContinuityReason;
}

/** What an interaction says of its conversation. */
export interface StatedMembership extends Membership {
  /** How often it has said something else before. */
  moves: number;
}

/** What a projection wrote on an interaction; undefined before the first. */
export function statedIn({ continuity, conversationId }: Interaction): StatedMembership | undefined {
  if (conversationId === undefined || continuity === undefined) return undefined;
  return { conversationId, reason: continuity.reason, moves: continuity.moves ?? 0 };
}

/** A message as the rules of conversations see it; a report of a call is one, too. */
export interface ConversationMessage {
  id: string;
  /** Place on the leaf; sorts by (occurredAt, key). */
  position: string;
  /** Place in the order of arrival. */
  arrival: string;
  occurredAtMs: number;
  receivedAtMs: number;
  channel: Channel;
  by: Speaker;
  text: string;
  /** A mail's subject without the marks of answers. */
  subject?: string;
  call?: CallPart;
  /** The message that a token of ours names, which whoever stored this one has verified. */
  token?: string;
  /** Messages from before it that a mail says it answers, the nearest first; anybody can write them. */
  references?: string[];
  /** The message that an answer or a note of ours refers to. */
  inReplyTo?: string;
  /** We begin something new with it. */
  startsConversation?: true;
  /** Among colleagues: a customer never sees it, and it changes nothing about where a conversation stands. */
  isNote?: true;
  /** What an earlier projection wrote on the interaction. */
  stored?: StatedMembership | undefined;
}

const conversationChannels: ReadonlySet<Channel> = new Set(['web', 'email', 'voice', 'sms']);

/** The message that an interaction is, if it is one. */
export function messageOf(interaction: Interaction): ConversationMessage | undefined {
  const { channel, id, properties, text = '', type } = interaction;
  const call = callPartOf(interaction);
  const isNote = type === 'note.added';
  const isSaid = type === 'message.received' || type === 'message.sent';
  const key = readInteractionId(id);
  if (key === undefined || !(isNote || call || isSaid)) return undefined;
  if (!isNote && (!conversationChannels.has(channel) || isRefuse(properties))) return undefined;
  const receivedAtMs = Date.parse(interaction.receivedAt);
  const subject = channel === 'email' ? mailSubject(properties.subject) : undefined;
  return {
    id,
    position: positionText(key),
    arrival: arrivalOf({ id, receivedAtMs }),
    occurredAtMs: key.occurredAtMs,
    receivedAtMs,
    channel,
    by: speakerOf(interaction),
    text,
    ...(subject === undefined ? {} : { subject }),
    ...(call === undefined ? {} : { call }),
    ...namesIn(interaction),
    ...(interaction.direction === 'outbound' && properties.startsConversation === true
      ? { startsConversation: true }
      : {}),
    ...(isNote ? { isNote } : {}),
    stored: statedIn(interaction),
  };
}

/** The messages that an interaction names, each in its own right. Whoever writes from outside proves by a token alone. */
function namesIn({
  channel,
  direction,
  id,
  properties: { answers, inReplyTo, message, reply },
  type,
}: Interaction): Pick<ConversationMessage, 'token' | 'references' | 'inReplyTo'> {
  if (type === 'note.added') return isId(message) ? { inReplyTo: message } : {};
  if (direction !== 'inbound') return isId(inReplyTo) ? { inReplyTo } : {};
  const token = (reply as { message?: unknown } | undefined)?.message;
  const references = channel === 'email' && Array.isArray(answers) ? answers.filter(isId).filter(isBefore(id)) : [];
  return { ...(isId(token) ? { token } : {}), ...(references.length > 0 ? { references } : {}) };
}

/** By position: nothing answers what came later, whatever it says. */
function isBefore(id: string): (other: string) => boolean {
  const position = positionOf(id);
  return (other) => positionOf(other) < position;
}

/** Place of an interaction on its leaf by its id; '' where it is malformed. */
export function positionOf(id: string): string {
  const key = readInteractionId(id);
  return key === undefined ? '' : positionText(key);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && readInteractionId(value) !== undefined;
}

/**
 * Mail that a scanner condemned stays on the timeline, but waits for nobody's answer. Of a guest's mail the copy in the
 * conversation speaks.
 */
function isRefuse({ guestOf, marks }: Interaction['properties']): boolean {
  return guestOf !== undefined || (Array.isArray(marks) && (marks.includes('spam') || marks.includes('virus')));
}

/**
 * Who speaks: the customer, a person of ours, or the platform by itself (`properties.automatic`). Who answers a call is
 * the one who was called; that it ended nobody says.
 */
export function speakerOf({
  type,
  direction,
  properties,
}: Pick<Interaction, 'type' | 'direction' | 'properties'>): Speaker {
  if (type === 'note.added') return 'agent';
  if (type === 'call.ended' || direction === 'internal') return 'system';
  // An absence note or a delivery report is no answer, and wants none.
  if (direction === 'inbound' && properties.autoSubmitted !== undefined) return 'system';
  const isTheirs = (direction === 'inbound') !== (type === 'call.answered');
  if (isTheirs) return 'customer';
  return direction === 'outbound' && properties.automatic === true ? 'system' : 'agent';
}
