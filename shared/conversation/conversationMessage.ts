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
  /** The message that an answer of ours refers to. */
  inReplyTo?: string;
  /** What an earlier projection wrote on the interaction. */
  stored?: Membership;
}

const conversationChannels: ReadonlySet<Channel> = new Set(['web', 'email', 'voice', 'sms']);

/** Whether interactions of a type may be messages; what their channel is decides finally. */
export function isMessageType(type: string): boolean {
  return type === 'message.received' || type === 'message.sent' || type.startsWith('call.');
}

/** The message that an interaction is, if it is one. */
export function messageOf(interaction: Interaction): ConversationMessage | undefined {
  const { id, type, channel, text = '', properties, conversationId, continuity } = interaction;
  const call = callPartOf(interaction);
  if (call === undefined && type !== 'message.received' && type !== 'message.sent') return undefined;
  const key = readInteractionId(id);
  if (key === undefined || !conversationChannels.has(channel) || isRefuse(properties)) return undefined;
  const receivedAtMs = Date.parse(interaction.receivedAt);
  const by = speakerOf(interaction);
  const subject = channel === 'email' ? mailSubject(properties.subject) : undefined;
  // Whoever writes from outside does not choose the conversation.
  const inReplyTo = interaction.direction === 'inbound' ? undefined : properties.inReplyTo;
  return {
    id,
    position: positionText(key),
    arrival: arrivalOf({ id, receivedAtMs }),
    occurredAtMs: key.occurredAtMs,
    receivedAtMs,
    channel,
    by,
    text,
    ...(subject === undefined ? {} : { subject }),
    ...(call === undefined ? {} : { call }),
    ...(typeof inReplyTo === 'string' && readInteractionId(inReplyTo) ? { inReplyTo } : {}),
    ...(conversationId && continuity ? { stored: { conversationId, reason: continuity.reason } } : {}),
  };
}

/** Mail that a scanner condemned stays on the timeline, but waits for nobody's answer. */
function isRefuse({ marks }: Interaction['properties']): boolean {
  return Array.isArray(marks) && (marks.includes('spam') || marks.includes('virus'));
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
  if (type === 'call.ended' || direction === 'internal') return 'system';
  // An absence note or a delivery report is no answer, and wants none.
  if (direction === 'inbound' && properties.autoSubmitted !== undefined) return 'system';
  const isTheirs = (direction === 'inbound') !== (type === 'call.answered');
  if (isTheirs) return 'customer';
  return direction === 'outbound' && properties.automatic === true ? 'system' : 'agent';
}
