import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { conversationSummaryOf } from '../../shared/conversation/conversationSummaryOf.ts';
import { contextOf } from '../../shared/customer/contextOf.ts';
import { customerOf } from '../../shared/customer/customerOf.ts';
import { profileOf } from '../../shared/customer/profileOf.ts';
import { readCustomer } from '../../shared/customer/readCustomer.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { answered, dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { createProjection, itemOf } from '../support/projection.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const projection = createProjection(table);
const { conversations } = projection;

let leaves = 0;
const anyLeaf = () => newLeaf(`leaf-${leaves++}-`);

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
}

describe('a customer', () => {
  const visit = (leaf: string) => {
    const hello = said('My cat has not eaten since yesterday', mondayMs, { leaf });
    return [
      hello,
      answered('Please come by at eleven', mondayMs + 5 * minuteMs, hello.id, { leaf }),
      interaction({
        leaf,
        type: 'customer.identified',
        messageId: 'identify',
        occurredAtMs: mondayMs - minuteMs,
        identifiers: [
          { type: 'anonymousId', value: 'visitor-1', trust: 'claimed' },
          { type: 'email', value: 'Lena@example.com', trust: 'claimed' },
        ],
        properties: { traits: { name: 'Lena Vogt', language: 'de' } },
        context: { timezone: 'Europe/Berlin' },
      }),
      ...['1043', '1044'].map((orderId, index) =>
        interaction({
          leaf,
          type: 'order.completed',
          messageId: orderId,
          occurredAtMs: mondayMs + (index + 1) * hourMs,
          text: `Order ${orderId}`,
          properties: {
            order_id: orderId,
            revenue: 42.9,
            currency: 'EUR',
            products: [{ name: 'Senior cat food' }, { name: `Toy ${index}` }],
          },
        }),
      ),
    ];
  };

  test('is read with context and profile in one query of at most one read unit', async () => {
    const leaf = anyLeaf();
    await happened(...visit(leaf));
    table.reset();
    const view = await readCustomer(projection, leaf);
    expect(table.calls).toEqual([{ command: 'QueryCommand', readUnits: 0.5, writeUnits: 0 }]);
    if (view === undefined) throw new Error('a customer');
    expect(customerOf(view)).toEqual({
      customerId: leaf,
      name: 'Lena Vogt',
      identifiers: [
        { type: 'email', value: 'lena@example.com', trust: 'claimed' },
        { type: 'anonymousId', value: 'visitor-1', trust: 'claimed' },
      ],
    });
    expect(profileOf(view)).toMatchObject({
      name: 'Lena Vogt',
      language: 'de',
      timeZone: 'Europe/Berlin',
      firstSeenAt: '2026-03-02T08:59:00.000Z',
      lastSeenAt: '2026-03-02T11:00:00.000Z',
      interactions: {
        total: 5,
        byType: { 'customer.identified': 1, 'message.received': 1, 'message.sent': 1, 'order.completed': 2 },
        byChannel: { web: 5 },
      },
      money: [{ currency: 'EUR', orders: 2, revenueMinor: 8580 }],
    });
    const context = contextOf(view);
    expect(context.summary).toBe(
      'Lena Vogt, known since 2 March 2026, 2 orders worth €85.80; we wait for an answer, last words by the agent on web at 09:05 UTC on 2 March 2026: “Please come by at eleven”.',
    );
    expect(context.customer).toMatchObject({ customerId: leaf, name: 'Lena Vogt', language: 'de' });
    expect(context.conversations).toEqual([
      {
        conversationId: visit(leaf)[0]?.id,
        status: 'pending',
        channel: 'web',
        endedWith: { text: 'Please come by at eleven', by: 'agent', at: '2026-03-02T09:05:00.000Z', channel: 'web' },
        owes: 'customer',
      },
    ]);
    expect(context.interactions.map(({ type, text }) => [type, text])).toEqual([
      ['order.completed', 'Order 1044'],
      ['order.completed', 'Order 1043'],
      ['message.sent', 'Please come by at eleven'],
      ['message.received', 'My cat has not eaten since yesterday'],
      ['customer.identified', ''],
    ]);
    expect(context.interactions[0]?.id).toBe(visit(leaf)[4]?.id);
    expect(context.purchases).toEqual({
      last: [
        {
          at: '2026-03-02T11:00:00.000Z',
          orderId: '1044',
          currency: 'EUR',
          revenueMinor: 4290,
          items: ['Senior cat food', 'Toy 1'],
        },
        {
          at: '2026-03-02T10:00:00.000Z',
          orderId: '1043',
          currency: 'EUR',
          revenueMinor: 4290,
          items: ['Senior cat food', 'Toy 0'],
        },
      ],
      favourites: ['Senior cat food'],
    });
  });

  test('is known before anything is projected, conversation included', async () => {
    const leaf = anyLeaf();
    await projection.store(visit(leaf));
    const early = await readCustomer(projection, leaf);
    await projection.deliver(visit(leaf));
    const late = await readCustomer(projection, leaf);
    if (early === undefined || late === undefined) throw new Error('a customer');
    expect(contextOf(early)).toEqual(contextOf(late));
    expect(profileOf(early)).toEqual(profileOf(late));
  });

  test('without any interaction does not exist', async () => {
    expect(await readCustomer(projection, anyLeaf())).toBeUndefined();
  });

  test('without a name is summarised all the same', async () => {
    const leaf = anyLeaf();
    await happened(interaction({ leaf, messageId: 'view' }));
    const view = await readCustomer(projection, leaf);
    expect(view && contextOf(view).summary).toBe(
      'Unnamed visitor, known since 2 March 2026, no orders yet; no open conversation.',
    );
  });

  test('who waits is summarised with the moment since when', async () => {
    const leaf = anyLeaf();
    await happened(said('Is she all right?', mondayMs, { leaf, receivedAtMs: mondayMs + minuteMs }));
    const view = await readCustomer(projection, leaf);
    expect(view && contextOf(view).summary).toBe(
      'Unnamed visitor, known since 2 March 2026, no orders yet; waiting for our answer on web since 09:01 UTC on 2 March 2026: “Is she all right?”.',
    );
  });
});

describe('a conversation', () => {
  test('is found by its id and by the id of any of its messages', async () => {
    const leaf = anyLeaf();
    const hello = said('hello', mondayMs, { leaf });
    const answer = answered('yes', mondayMs + minuteMs, hello.id, { leaf });
    await happened(hello, answer);
    for (const { id } of [hello, answer]) expect((await conversations.readCard(id))?.conversationId).toBe(hello.id);
  });

  test.each(['nothing', '', 'L#x', `${newLeaf('unknown')}.E0mm8y7c00.JeSXL5gR_dnH4DNV`])(
    'is not found by %j',
    async (id) => {
      expect(await conversations.readCard(id)).toBeUndefined();
    },
  );

  test('is not found by an interaction that is no message', async () => {
    const order = interaction({ leaf: anyLeaf(), type: 'order.completed', messageId: 'order' });
    await happened(order);
    expect(await conversations.readCard(order.id)).toBeUndefined();
  });

  test('shows the name of the customer that became known afterwards', async () => {
    const leaf = anyLeaf();
    const hello = said('hello', mondayMs, { leaf });
    await happened(hello);
    await happened(
      interaction({
        leaf,
        type: 'customer.identified',
        messageId: 'identify',
        occurredAtMs: mondayMs + minuteMs,
        properties: { traits: { name: 'Lena Vogt' } },
      }),
    );
    const card = await conversations.readCard(hello.id);
    expect(card && conversationSummaryOf(card)).toEqual({
      conversationId: hello.id,
      customerId: leaf,
      name: 'Lena Vogt',
      status: 'open',
      channel: 'web',
      endedWith: { text: 'hello', by: 'customer', at: '2026-03-02T09:00:00.000Z', channel: 'web' },
      owes: 'us',
      waitingSince: '2026-03-02T09:00:00.000Z',
    });
  });

  test('moves away from its customer when a sixth one begins, and stays in the inbox and answerable', async () => {
    const leaf = anyLeaf();
    const openings = Array.from({ length: 6 }, (_, index) =>
      said(`talk ${index}`, mondayMs + index * 20 * dayMs, { leaf }),
    );
    for (const opening of openings) await happened(opening);
    const [oldest, ...kept] = openings;
    if (oldest === undefined) throw new Error('six openings');
    expect((await readCustomer(projection, leaf))?.cards.map(({ conversationId }) => conversationId)).toEqual(
      kept.map(({ id }) => id).reverse(),
    );
    expect((await conversations.readCard(oldest.id))?.endedWith.text).toBe('talk 0');
    expect((await inboxOf(leaf, 'open')).map(({ conversationId }) => conversationId)).toEqual(
      openings.map(({ id }) => id),
    );

    await happened(answered('here I am', mondayMs + 101 * dayMs, oldest.id, { leaf }));
    const cards = (await readCustomer(projection, leaf))?.cards.map(({ conversationId }) => conversationId);
    expect(cards).toEqual([
      oldest.id,
      ...kept
        .slice(1)
        .map(({ id }) => id)
        .reverse(),
    ]);
    expect((await inboxOf(leaf, 'open')).length).toBe(5);
    expect((await inboxOf(leaf, 'pending')).map(({ conversationId }) => conversationId)).toEqual([oldest.id]);
  });

  test('hands a late message to whoever is reading it', async () => {
    const leaf = anyLeaf();
    const hello = said('hello', mondayMs, { leaf });
    const second = said('second', mondayMs + 2 * minuteMs, { leaf });
    const first = said('first', mondayMs + minuteMs, { leaf });
    await happened(hello, second);
    const page = await conversations.readMessages({ conversationId: hello.id, limit: 10 });
    expect(page.messages.map(({ text }) => text)).toEqual(['hello', 'second']);
    await happened(first);
    const next = await conversations.readMessages({ conversationId: hello.id, limit: 10, after: page.next ?? '' });
    expect(next.messages.map(({ text }) => text)).toEqual(['first']);
  });

  test('takes the messages of another along when an earlier message joins them', async () => {
    const leaf = anyLeaf();
    const later = said('later', mondayMs + hourMs, { leaf });
    const earlier = said('earlier', mondayMs, { leaf });
    await happened(later);
    await happened(earlier);
    expect((await conversations.readCard(later.id))?.conversationId).toBe(earlier.id);
    const { messages } = await conversations.readMessages({ conversationId: earlier.id, limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(['earlier', 'later']);
    const [stored] = await projection.timeline.readByIds([later.id]);
    expect([stored?.conversationId, stored?.continuity]).toEqual([earlier.id, { reason: 'open', moves: 1 }]);
    expect((await inboxOf(leaf, 'open')).length).toBe(1);
  });
});

describe('the inbox', () => {
  test('lists each conversation of a status once, longest waiting first, page by page', async () => {
    const waiting = Array.from({ length: 23 }, (_, index) =>
      // Some wait since the same millisecond.
      said('help', mondayMs - 300 * dayMs + Math.floor(index / 3) * minuteMs, { leaf: anyLeaf() }),
    );
    for (const message of waiting) await happened(message);
    const listed: string[] = [];
    const since: string[] = [];
    let after: string | undefined;
    do {
      const page = await conversations.listInbox({ status: 'open', limit: 5, after });
      expect(page.conversations.length).toBeLessThanOrEqual(5);
      listed.push(...page.conversations.map(({ conversationId }) => conversationId));
      since.push(...page.conversations.map(({ waitingSince = '' }) => waitingSince));
      after = page.next ?? undefined;
      expect(page.next?.length ?? 0).toBeLessThan(2_000);
    } while (after !== undefined);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((id) => waiting.some((message) => message.id === id)).length).toBe(23);
    expect(since).toEqual(since.toSorted());
  });

  test('is empty for a status that no conversation has', async () => {
    expect(await conversations.listInbox({ status: 'resolved', limit: 5 })).toEqual({ conversations: [], next: null });
  });

  test.each(['nothing', '', Buffer.from('["start"]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'says that %j is no cursor',
    async (after) => {
      await expect(conversations.listInbox({ status: 'open', limit: 5, after })).rejects.toMatchObject({
        code: 'invalid-request',
        issues: [{ path: 'after' }],
      });
    },
  );
});

test('an interaction that is stored compressed is folded from the event as Lambda hands it over', async () => {
  const leaf = anyLeaf();
  const long = said('long', mondayMs, { leaf, text: 'Minka limps. '.repeat(200) });
  await projection.store([long]);
  const image = marshall(itemOf(long), { removeUndefinedValues: true });
  expect(image.content?.B).toBeInstanceOf(Uint8Array);
  const handler = streamFunction({ consume: projection.consume });
  const event = {
    Records: [
      {
        eventName: 'INSERT',
        dynamodb: {
          SequenceNumber: '1',
          NewImage: { ...image, content: { B: Buffer.from(image.content?.B ?? '').toString('base64') } },
        },
      },
    ],
  } as DynamoDBStreamEvent;
  expect(await handler(event, {} as Context)).toEqual({ batchItemFailures: [] });
  expect((await projection.customers.readState(leaf)).head?.byType).toEqual({ 'message.received': 1 });
});

/** The conversations of one customer in the inbox, longest waiting first. */
async function inboxOf(leaf: string, status: 'open' | 'pending') {
  const { conversations: cards } = await conversations.listInbox({ status, limit: 100 });
  return cards.filter(({ customerId }) => customerId === leaf);
}
