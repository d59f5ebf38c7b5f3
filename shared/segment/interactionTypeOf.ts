import type { SegmentEvent } from '../contracts/segment.ts';

/**
 * Names of Segment's commerce spec that are business events of ours, in lower case. Every other name is behaviour and
 * stays `event.tracked`. The list is frozen: the type decides the class of the key, so a retry that meets an
 * older or newer list would be stored twice. A new business event needs a way to recognise the old key first.
 */
const businessEvents: ReadonlyMap<string, string> = new Map([
  ['order completed', 'order.completed'],
  ['order updated', 'order.updated'],
  ['order refunded', 'order.refunded'],
  ['order cancelled', 'order.cancelled'],
  ['checkout started', 'checkout.started'],
  ['product reviewed', 'product.reviewed'],
]);

const typeOfCall = {
  identify: 'customer.identified',
  page: 'page.viewed',
  screen: 'screen.viewed',
  group: 'group.joined',
  alias: 'customer.aliased',
} as const;

/** The type under which an event stands on the timeline. */
export function interactionTypeOf(event: SegmentEvent): string {
  if (event.type !== 'track') return typeOfCall[event.type];
  return businessEvents.get(event.event.toLowerCase()) ?? 'event.tracked';
}
