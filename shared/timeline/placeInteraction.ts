import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { interactionId, keyClassOf, latestTimeMs, messageHashOf, type TimelineKey } from './timelineKeys.ts';

/** How far in the future a client's clock may be before its time is corrected, in milliseconds. */
export const futureToleranceMs = 10 * 60 * 1000;

/** A message on its way in: an interaction that has no place yet. */
export interface IncomingInteraction
  extends Omit<Interaction, 'id' | 'occurredAt' | 'receivedAt' | 'conversationId' | 'continuity'> {
  /** The leaf that keeps it; see `homeOf`. */
  home: Leaf;
  /** The sender's id of the message; without one, sending it twice stores it twice. */
  messageId?: string;
  /** The sender's own time in milliseconds since the epoch, exactly as sent. */
  clientTimeMs?: number;
  /** The same message may come again with another time, or with none: its id alone recognises it, by a guard. */
  timeVaries?: true;
  /** Where a message without a time of its own is recognised, if another try of it may find another home. */
  recognisedAt?: Leaf;
}

/**
 * Where an interaction is put, and what makes a repetition recognisable:
 * - `direct`: the key itself is a function of the message;
 * - `corrected`: the client's time lies in the future; a pointer at the raw key recognises the repetition;
 * - `guarded`: there is no client time, or one that varies; a guard on the message id recognises it for 30 days.
 */
export type Placement = { key: TimelineKey; interaction: Interaction } & (
  | { kind: 'direct' }
  | { kind: 'corrected'; rawKey: TimelineKey }
  | { kind: 'guarded'; guardLeaf: Leaf }
);

/**
 * Decides the place of a message. Pure: any retry of the same message gives the same place, whatever arrived before,
 * except that a corrected or guarded place uses the first arrival's time and is protected by its pointer or guard.
 * Times outside 1970 … 5188 are refused by the parsers of each channel.
 */
export function placeInteraction(
  incoming: IncomingInteraction,
  { newId, receivedAtMs }: { newId: NewId; receivedAtMs: number },
): Placement {
  const { home, messageId, clientTimeMs, timeVaries = false, recognisedAt = home, ...content } = incoming;
  const clientTime = clientTimeMs === undefined ? undefined : Math.trunc(clientTimeMs);
  if (clientTime !== undefined && !isStorableTime(clientTime)) {
    throw new RangeError('a time outside 1970 … 5188 has no place on a timeline');
  }
  const messageHash = messageHashOf(incoming.source, messageId ?? newId());
  const isFuture = clientTime !== undefined && clientTime > receivedAtMs + futureToleranceMs;
  const occurredAtMs = clientTime === undefined || isFuture ? receivedAtMs : clientTime;
  const key: TimelineKey = { leaf: home, keyClass: keyClassOf(incoming.type), occurredAtMs, messageHash };
  const interaction: Interaction = {
    ...content,
    id: interactionId(key),
    occurredAt: new Date(occurredAtMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
  const hasOwnTime = clientTime !== undefined && !timeVaries;
  if (!hasOwnTime && messageId !== undefined) return { kind: 'guarded', key, interaction, guardLeaf: recognisedAt };
  if (isFuture) return { kind: 'corrected', key, interaction, rawKey: { ...key, occurredAtMs: clientTime } };
  return { kind: 'direct', key, interaction };
}

/** Whether a time in milliseconds fits a key. */
export function isStorableTime(timeMs: number): boolean {
  return Number.isFinite(timeMs) && timeMs >= 0 && timeMs <= latestTimeMs;
}
