import fc from 'fast-check';
import type { IncomingInteraction } from '../../shared/timeline/placeInteraction.ts';

/** The moment at which test messages arrive first. */
export const arrivalMs = Date.UTC(2026, 2, 12, 9, 0, 0);
const hourMs = 60 * 60 * 1000;

/** A message of a website visitor; what is given replaces the usual. */
export function incoming(fields: Partial<IncomingInteraction> & { home: string }): IncomingInteraction {
  return {
    type: 'page.viewed',
    channel: 'web',
    direction: 'inbound',
    source: 'website',
    touchpoint: '/vaccinations',
    trust: 'claimed',
    identifiers: [{ type: 'anonymousId', value: 'visitor-1', trust: 'claimed' }],
    properties: {},
    ...fields,
  };
}

/** A leaf that no other test has. */
export function newLeaf(name: string): string {
  return name.padEnd(22, '-').slice(-22);
}

const type = fc.constantFrom(
  'page.viewed',
  'event.tracked',
  'order.completed',
  'message.received',
  'customer.identified',
);

/** Times as senders have them: past, present, within and beyond the tolerance for wrong clocks, or none. */
const clientTimeMs = fc.oneof(
  fc.integer({ min: 0, max: arrivalMs }),
  fc.integer({ min: arrivalMs - 1000, max: arrivalMs + 1000 }),
  fc.integer({ min: arrivalMs + 9 * 60 * 1000, max: arrivalMs + 11 * 60 * 1000 }),
  fc.integer({ min: arrivalMs + hourMs, max: 36 ** 9 - 1 }),
  fc.constant(undefined),
);

/** Distinct messages on some leaves. */
export function messages(leaves: readonly string[], maxLength: number): fc.Arbitrary<IncomingInteraction[]> {
  const fields = fc.record({ home: fc.constantFrom(...leaves), type, clientTimeMs });
  return fc.array(fields, { minLength: 1, maxLength }).map((list) =>
    list.map(({ clientTimeMs: time, home, type: kind }, index) =>
      incoming({
        home,
        type: kind,
        messageId: `message-${index}`,
        properties: { index },
        ...(time === undefined ? {} : { clientTimeMs: time }),
      }),
    ),
  );
}
