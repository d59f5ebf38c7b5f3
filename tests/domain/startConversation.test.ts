import { expect, test } from 'vitest';
import type { Identifier } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { type NewConversation, startConversation } from '../../shared/conversation/startConversation.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import type { Placement } from '../../shared/timeline/placeInteraction.ts';
import { said, testLeaf } from '../support/leafInteractions.ts';

const leafOf = createLeafOf(Buffer.alloc(32, 7));
const email: Identifier = { type: 'email', value: 'lena@example.com', trust: 'asserted' };
const browser: Identifier = { type: 'anonymousId', value: 'browser-1', trust: 'claimed' };

/** Begins a conversation with a customer of one leaf who is known by these identifiers. */
async function start(identifiers: Identifier[], more: Partial<NewConversation> = {}): Promise<Placement | undefined> {
  const known: Interaction[] =
    identifiers.length > 0 ? [{ ...said('Hello.', Date.UTC(2026, 2, 2, 9)), identifiers }] : [];
  const placements: Placement[] = [];
  await startConversation(
    {
      leafOf,
      newId: () => 'made-1',
      customers: {
        readState: async () => ({ head: undefined, version: 0, customer: undefined, others: [], aloneAtEpoch: 0 }),
        readNode: async () => undefined,
      },
      timeline: {
        readRange: async ({ keyClass }) => ({ interactions: keyClass === 'E' ? known : [], cutAt: undefined }),
        append: async (placement) => {
          placements.push(placement);
          return { id: placement.interaction.id, duplicate: false };
        },
      },
    },
    {
      customerId: testLeaf,
      text: 'Minka is due.',
      source: { kind: 'agent', name: 'reception', keyHashes: [], scopes: [], allowedOrigins: [] },
      receivedAtMs: Date.UTC(2026, 2, 2, 10),
      ...more,
    },
  );
  return placements[0];
}

test('a conversation begins by mail where an address is known', async () => {
  const placed = await start([email, browser], { subject: 'Vaccination', agent: 'Eva', messageId: 'one' });
  expect(placed).toMatchObject({ kind: 'guarded', guardLeaf: testLeaf, key: { leaf: testLeaf } });
  expect(placed?.interaction).toMatchObject({
    type: 'message.sent',
    channel: 'email',
    direction: 'outbound',
    source: 'reception',
    text: 'Minka is due.',
    properties: { startsConversation: true, subject: 'Vaccination', agent: 'Eva' },
  });
});

test('it begins in the widget where that is wanted, or no address is known', async () => {
  for (const placed of [await start([email, browser], { channel: 'web' }), await start([browser])]) {
    expect(placed?.key.leaf).toBe(leafOf(browser));
    expect(placed?.interaction).toMatchObject({ channel: 'web', touchpoint: 'widget' });
  }
});

test.each<[string, Identifier[], Partial<NewConversation>, string]>([
  ['for nobody', [], {}, 'not-found'],
  ['where nothing is known', [{ type: 'phone', value: '+493023125117', trust: 'asserted' }], {}, 'conflict'],
  ['to an address that was only claimed', [{ ...email, trust: 'claimed' }], {}, 'conflict'],
  ['by mail where only a browser is known', [browser], { channel: 'email' }, 'conflict'],
  ['in the widget where only an address is known', [email], { channel: 'web' }, 'conflict'],
])('it does not begin %s', async (_name, identifiers, more, code) => {
  await expect(start(identifiers, more)).rejects.toThrow(expect.objectContaining({ code }));
});
