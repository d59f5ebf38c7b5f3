import { describe, expect, test } from 'vitest';
import { contextOf } from '../../shared/customer/contextOf.ts';
import { customerOf } from '../../shared/customer/customerOf.ts';
import { refoldCustomer } from '../../shared/customer/foldCustomer.ts';
import { profileOf } from '../../shared/customer/profileOf.ts';
import { type CustomerView, readCustomer } from '../../shared/customer/readCustomer.ts';
import { readLeaves } from '../../shared/customer/readLeaves.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { answered, dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const projection = createCustomerProjection(table);

let leaves = 0;
const browser = (): Member => ({ leaf: newLeaf(`browser-${leaves++}-`), type: 'anonymousId' });
const account = (): Member => ({ leaf: newLeaf(`account-${leaves++}-`), type: 'userId' });
const number = (): Member => ({ leaf: newLeaf(`number-${leaves++}-`), type: 'phone' });
const mailbox = (): Member => ({ leaf: newLeaf(`mailbox-${leaves++}-`), type: 'email' });

async function happened(...interactions: ReturnType<typeof interaction>[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
  await projection.settle();
}

async function view(leaf: string): Promise<CustomerView> {
  const found = await readCustomer(projection, leaf);
  if (found === undefined) throw new Error('a customer');
  return found;
}

const identified = (leaf: string, name = 'Lena Vogt') =>
  interaction({
    leaf,
    type: 'customer.identified',
    messageId: `identify ${leaf}`,
    occurredAtMs: mondayMs - dayMs,
    source: 'practice-server',
    trust: 'asserted',
    identifiers: [{ type: 'email', value: 'lena@example.com', trust: 'asserted' }],
    properties: { traits: { name, language: 'en' } },
  });

const missedCall = (leaf: string, occurredAtMs: number, callId: string) =>
  interaction({
    leaf,
    type: 'call.missed',
    channel: 'voice',
    source: 'twilio',
    touchpoint: '+493012345',
    messageId: `${callId} missed`,
    occurredAtMs,
    text: 'Missed call',
    properties: { callId },
    identifiers: [{ type: 'phone', value: '+491701234567', trust: 'asserted' }],
  });

describe('a linked customer', () => {
  test('is one customer, by any of the leaves: what each leaf knows is added up', async () => {
    const [user, visitor, phone] = [account(), browser(), number()];
    await happened(identified(user.leaf));
    await happened(said('Is Minka due?', mondayMs, { leaf: visitor.leaf }));
    await happened(missedCall(phone.leaf, mondayMs + hourMs, 'twilio:CA1'));
    await projection.link(visitor, user);
    await projection.link(user, phone);
    await projection.settle();

    const views = [await view(visitor.leaf), await view(user.leaf), await view(phone.leaf)];
    expect(views.map(({ customerId }) => customerId)).toEqual([user.leaf, user.leaf, user.leaf]);
    expect(views[1]).toEqual(views[0]);
    expect(views[2]).toEqual(views[0]);
    expect(new Set(views[0]?.leaves)).toEqual(new Set([user.leaf, visitor.leaf, phone.leaf]));
    expect(customerOf(await view(phone.leaf))).toEqual({
      customerId: user.leaf,
      name: 'Lena Vogt',
      identifiers: [
        { type: 'email', value: 'lena@example.com', trust: 'asserted' },
        { type: 'phone', value: '+491701234567', trust: 'asserted' },
        { type: 'anonymousId', value: 'visitor-1', trust: 'claimed' },
      ],
    });
    const { interactions } = profileOf(await view(visitor.leaf));
    expect(interactions.byType).toMatchObject({ 'call.missed': 1, 'customer.identified': 1, 'message.received': 1 });
  });

  test('shows in the context each interaction by its own id, from whichever leaf', async () => {
    const [user, visitor] = [account(), browser()];
    const [hello, name] = [said('Hello', mondayMs, { leaf: visitor.leaf }), identified(user.leaf)];
    await happened(hello, name);
    await projection.link(user, visitor);
    await projection.settle();
    const shown = contextOf(await view(visitor.leaf)).interactions.map(({ id }) => id);
    expect(shown).toContain(hello.id);
    expect(shown).toContain(name.id);
  });

  test('keeps two open conversations of two leaves as two; what is said later continues the latest one', async () => {
    const [one, other] = [browser(), browser()];
    const [user] = [account()];
    const first = said('from the telephone', mondayMs, { leaf: one.leaf });
    const second = said('from the laptop', mondayMs + minuteMs, { leaf: other.leaf });
    await happened(first, second);
    await projection.link(user, one, mondayMs + 2 * minuteMs);
    await projection.link(user, other, mondayMs + 3 * minuteMs);
    await projection.settle();
    expect((await view(user.leaf)).cards.map(({ conversationId, customerId }) => [conversationId, customerId])).toEqual(
      [
        [second.id, user.leaf],
        [first.id, user.leaf],
      ],
    );

    const third = said('and from the telephone again', mondayMs + hourMs, { leaf: one.leaf });
    await happened(third);
    const [stored] = await projection.timeline.readByIds([third.id]);
    expect(stored).toMatchObject({ conversationId: second.id, continuity: { reason: 'open' } });
    expect(contextOf(await view(one.leaf)).conversations).toMatchObject([
      { conversationId: second.id, endedWith: { text: 'and from the telephone again' } },
      { conversationId: first.id },
    ]);
    const { messages } = await projection.conversations.readMessages({ conversationId: second.id, limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(['from the laptop', 'and from the telephone again']);
  });

  test('is in the inbox as one customer with their name', async () => {
    const [user, visitor] = [account(), browser()];
    const hello = said('Hello', mondayMs, { leaf: visitor.leaf });
    await happened(hello, identified(user.leaf));
    await projection.link(user, visitor);
    await projection.settle();
    expect(await projection.conversations.readCard(hello.id)).toMatchObject({
      customerId: user.leaf,
      name: 'Lena Vogt',
      status: 'open',
    });
  });

  test('chats, is answered, calls and is missed, mails twice: the summary tells where it ended', async () => {
    const [user, visitor, phone, mail] = [account(), browser(), number(), mailbox()];
    await projection.link(user, visitor);
    await projection.link(user, phone);
    await projection.link(user, mail);
    const hello = said('Is Minka due?', mondayMs, { leaf: visitor.leaf });
    await happened(identified(user.leaf), hello);
    await happened(answered('Yes, on Friday', mondayMs + minuteMs, hello.id, { leaf: visitor.leaf }));
    const missed = missedCall(phone.leaf, mondayMs + hourMs, 'twilio:CA2');
    await happened(missed);
    expect(contextOf(await view(phone.leaf)).summary).toBe(
      'Lena Vogt, known since 1 March 2026, no orders yet; waiting for our answer: missed call at 10:00 UTC on 2 March 2026.',
    );
    const [call] = await projection.timeline.readByIds([missed.id]);
    expect(call).toMatchObject({ conversationId: hello.id, continuity: { reason: 'open' } });

    const wrote = (messageId: string, occurredAtMs: number, subject: string) =>
      said(messageId, occurredAtMs, { leaf: mail.leaf, channel: 'email', properties: { subject } });
    const letter = wrote('May I bring her earlier?', mondayMs + 2 * hourMs, "Minka's vaccination");
    const reply = wrote('Sorry, Thursday', mondayMs + 3 * hourMs, "AW: Re: MINKA'S  vaccination");
    await happened(letter, reply);
    expect(contextOf(await view(user.leaf)).conversations).toMatchObject([
      { conversationId: letter.id, channel: 'email', subject: "Minka's vaccination", owes: 'us' },
      { conversationId: hello.id, channel: 'voice', owes: 'us' },
    ]);
    expect(contextOf(await view(user.leaf)).summary).toBe(
      "Lena Vogt, known since 1 March 2026, no orders yet; waiting for our answer by email on “Minka's vaccination” since 11:00 UTC on 2 March 2026: “Sorry, Thursday” (and 1 more open).",
    );
  });

  test('is read whole before the link was folded', async () => {
    const [user, visitor] = [account(), browser()];
    await happened(identified(user.leaf), said('Hello', mondayMs, { leaf: visitor.leaf }));
    await projection.link(user, visitor);
    expect((await projection.customers.readState(user.leaf)).customer).toBeUndefined();
    const early = await view(visitor.leaf);
    expect(customerOf(early)).toMatchObject({ customerId: user.leaf, name: 'Lena Vogt' });
    expect(early.cards.map(({ endedWith }) => endedWith.text)).toEqual(['Hello']);
    await projection.settle();
    expect((await projection.customers.readState(user.leaf)).customer).toBeDefined();
    expect(contextOf(await view(visitor.leaf)).conversations).toEqual(contextOf(early).conversations);
  });

  test('is found by an id from before the customers came together, also across several links', async () => {
    const [first, second, third] = [account(), mailbox(), browser()];
    await happened(said('Hello', mondayMs, { leaf: third.leaf }), identified(second.leaf));
    await projection.link(second, third);
    await projection.settle();
    expect((await view(third.leaf)).customerId).toBe(second.leaf);
    await projection.link(first, second);
    await projection.settle();
    for (const leaf of [first.leaf, second.leaf, third.leaf]) {
      expect((await view(leaf)).customerId).toBe(first.leaf);
      expect(await readLeaves(projection.customers, leaf)).toEqual([first.leaf, second.leaf, third.leaf]);
    }
  });

  test('is the same after a replay', async () => {
    const [user, visitor] = [account(), browser()];
    const hello = said('Hello', mondayMs, { leaf: visitor.leaf });
    await happened(hello, identified(user.leaf));
    await projection.link(user, visitor);
    await projection.settle();
    await happened(answered('Yes?', mondayMs + minuteMs, hello.id, { leaf: visitor.leaf }));
    await happened(missedCall(visitor.leaf, mondayMs + hourMs, 'twilio:CA3'));
    await refoldCustomer(projection, visitor.leaf);
    await projection.settle();
    const before = contextOf(await view(user.leaf));
    projection.enqueued.splice(0);
    await refoldCustomer(projection, user.leaf);
    await projection.settle();
    expect(contextOf(await view(user.leaf))).toEqual(before);
    expect(projection.enqueued).toEqual([]);
  });
});

describe('what reading costs', () => {
  test.each([2, 5, 20])(
    'the context of a customer of %i leaves: two round trips, at most three read units',
    async (size) => {
      const user = account();
      const members = Array.from({ length: size - 1 }, browser);
      await happened(identified(user.leaf));
      for (const [index, { leaf }] of members.entries()) {
        await happened(
          ...Array.from({ length: 6 }, (_, view) =>
            interaction({
              leaf,
              messageId: `view ${view}`,
              occurredAtMs: mondayMs - view * hourMs,
              text: `Page ${view}`,
            }),
          ),
          said(`Question ${index}: ${'words that tell what Minka ate '.repeat(5)}`, mondayMs + index * dayMs, { leaf }),
        );
      }
      for (const member of members) await projection.link(user, member, mondayMs + 30 * dayMs);
      await projection.settle();
      table.reset();
      const asked = members[0]?.leaf ?? '';
      const { cards } = await view(asked);
      expect(table.calls.map(({ command }) => command)).toEqual(['QueryCommand', 'QueryCommand']);
      expect(table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0)).toBeLessThanOrEqual(3);
      expect(cards.length).toBe(Math.min(5, size - 1));
      table.reset();
      await view(user.leaf);
      expect(table.calls.map(({ command }) => command)).toEqual(['QueryCommand']);
    },
    60_000,
  );
});
