import type { Channel, ContinuityReason, Interaction } from '../contracts/interaction.ts';
import type { EndedWith } from '../contracts/widget.ts';
import { positionText, readInteractionId } from '../timeline/timelineKeys.ts';
import { arrivalOf } from './conversationKeys.ts';

export type Speaker = EndedWith['by'];

/** Why a message belongs to which conversation. */
export interface Membership {
  conversationId: string;
  reason: ContinuityReason;
}

/** A message as the rules of conversations see it. */
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
  /** The message that an answer of ours refers to. */
  inReplyTo?: string;
  /** What an earlier projection wrote on the interaction. */
  stored?: Membership;
}

/** Channels whose messages are folded so far. Mail and calls bring their own rules. */
const conversationChannels: ReadonlySet<Channel> = new Set(['web']);

/** The message that an interaction is, if it is one. */
export function messageOf(interaction: Interaction): ConversationMessage | undefined {
  const { id, type, channel, text = '', properties, conversationId, continuity } = interaction;
  if (type !== 'message.received' && type !== 'message.sent') return undefined;
  const key = readInteractionId(id);
  if (key === undefined || !conversationChannels.has(channel)) return undefined;
  const receivedAtMs = Date.parse(interaction.receivedAt);
  const by = speakerOf(interaction);
  // Whoever writes from outside does not choose the conversation.
  const inReplyTo = by === 'customer' ? undefined : properties.inReplyTo;
  return {
    id,
    position: positionText(key),
    arrival: arrivalOf({ id, receivedAtMs }),
    occurredAtMs: key.occurredAtMs,
    receivedAtMs,
    channel,
    by,
    text,
    ...(typeof inReplyTo === 'string' ? { inReplyTo } : {}),
    ...(conversationId && continuity ? { stored: { conversationId, reason: continuity.reason } } : {}),
  };
}

/** Who speaks: the customer, a person of ours, or the platform by itself (`properties.automatic`). */
export function speakerOf({ direction, properties }: Pick<Interaction, 'direction' | 'properties'>): Speaker {
  if (direction === 'inbound') return 'customer';
  return direction === 'internal' || properties.automatic === true ? 'system' : 'agent';
}
