import type { Leaf } from '../identity/leaf.ts';
import { interactionId, positionText, readInteractionId } from '../timeline/timelineKeys.ts';

const timeDigits = 9;
/** Characters of the message hash that tell interactions of one leaf and millisecond apart. */
const shortHashLength = 6;

/**
 * Place of an interaction on its leaf over both classes of keys, as text that sorts in time order:
 * `0mhp3k2qf#Zk3…E`. With the leaf it says the same as the id.
 */
export function orderOf(id: string): string {
  const key = readInteractionId(id);
  if (key === undefined) throw new TypeError('an interaction has a malformed id');
  return `${positionText(key)}${key.keyClass}`;
}

export function orderTimeMs(order: string): number {
  return Number.parseInt(order.slice(0, timeDigits), 36);
}

/** An order with a shorter hash: enough to recognise an interaction, at less than half the room. */
export function shortOrder(order: string): string {
  return `${order.slice(0, timeDigits + 1 + shortHashLength)}${order.at(-1)}`;
}

export function idOfOrder(leaf: Leaf, order: string): string {
  return interactionId({
    leaf,
    keyClass: order.endsWith('B') ? 'B' : 'E',
    occurredAtMs: orderTimeMs(order),
    messageHash: order.slice(timeDigits + 1, -1),
  });
}

/** The part of an order after its time. */
export function orderHash(order: string): string {
  return order.slice(timeDigits + 1);
}

export function orderFrom(timeMs: number, hash: string): string {
  return `${timeMs.toString(36).padStart(timeDigits, '0')}#${hash}`;
}
