import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { interactionId, keyClassOf, messageHashOf } from '../../shared/timeline/timelineKeys.ts';

export const testLeaf: Leaf = 'lena-on-her-telephone-';
/** Monday, 2 March 2026, nine o'clock. */
export const mondayMs = Date.UTC(2026, 2, 2, 9);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export interface InteractionFields extends Partial<Omit<Interaction, 'id' | 'occurredAt' | 'receivedAt'>> {
  leaf?: Leaf;
  messageId: string;
  occurredAtMs?: number;
  receivedAtMs?: number;
}

/** A stored interaction of a website visitor; what is given replaces the usual. */
export function interaction(fields: InteractionFields): Interaction {
  const { leaf = testLeaf, messageId, occurredAtMs = mondayMs, receivedAtMs = occurredAtMs, ...others } = fields;
  const content = {
    type: 'page.viewed',
    channel: 'web' as const,
    direction: 'inbound' as const,
    source: 'website',
    touchpoint: '/vaccinations',
    trust: 'claimed' as const,
    identifiers: [{ type: 'anonymousId' as const, value: 'visitor-1', trust: 'claimed' as const }],
    properties: {},
    ...others,
  };
  const messageHash = messageHashOf(content.source, messageId);
  return {
    ...content,
    id: interactionId({ leaf, keyClass: keyClassOf(content.type), occurredAtMs, messageHash }),
    occurredAt: new Date(occurredAtMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
}

/** A chat message from the widget. */
export function said(messageId: string, occurredAtMs: number, fields: Partial<InteractionFields> = {}): Interaction {
  return interaction({
    type: 'message.received',
    touchpoint: 'widget',
    text: messageId,
    messageId,
    occurredAtMs,
    ...fields,
  });
}

/** An agent's answer, to a message where one is given. */
export function answered(
  messageId: string,
  occurredAtMs: number,
  inReplyTo?: string,
  fields: Partial<InteractionFields> = {},
): Interaction {
  return interaction({
    type: 'message.sent',
    direction: 'outbound',
    source: 'reception',
    touchpoint: 'console',
    trust: 'asserted',
    text: messageId,
    properties: inReplyTo === undefined ? {} : { inReplyTo },
    messageId,
    occurredAtMs,
    ...fields,
  });
}
