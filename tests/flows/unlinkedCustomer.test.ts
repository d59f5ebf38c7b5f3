import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { contextOf } from '../../shared/customer/contextOf.ts';
import { type CustomerView, readCustomer } from '../../shared/customer/readCustomer.ts';
import { readLeaves } from '../../shared/customer/readLeaves.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { auditCustomer } from '../../shared/repair/auditCustomer.ts';
import { type Family, family } from '../support/families.ts';
import { answered, dayMs, hourMs, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { failingTable } from '../support/projection.ts';
import { createTableInMemory } from '../support/tableInMemory.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const table = createTableInMemory();
const projection = createCustomerProjection(table);
const search = { write: async () => undefined, has: async () => true };

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
  await projection.settle();
}

async function view(leaf: Leaf): Promise<CustomerView> {
  const found = await readCustomer(projection, leaf);
  if (found === undefined) throw new Error('a customer');
  return found;
}

const differencesOf = async (leaf: Leaf) => (await auditCustomer({ ...projection, search }, leaf)).differences;

/** Every word that a customer's profile and conversations show. */
async function wordsOf(leaf: Leaf): Promise<string> {
  const { conversations, interactions, summary } = contextOf(await view(leaf));
  return JSON.stringify([
    conversations.map(({ endedWith }) => endedWith.text),
    interactions.map(({ text }) => text),
    summary,
  ]);
}

/** The messages of every conversation that a leaf's own messages say they belong to. */
async function messagesSeenFrom(leaf: Leaf): Promise<string> {
  const { interactions } = await projection.timeline.readRange({ leaf, keyClass: 'E', limit: 100, consistent: true });
  const ids = new Set(interactions.flatMap(({ conversationId }) => conversationId ?? []));
  const pages = await Promise.all(
    [...ids].map((conversationId) => projection.conversations.readMessages({ conversationId, limit: 100 })),
  );
  return JSON.stringify(pages.flatMap(({ messages }) => messages.map(({ text }) => text)));
}

const at = (hours: number) => mondayMs + hours * hourMs;

/**
 * An account, a number and a browser are linked on Monday and write into one another's conversations. What the browser
 * says is about a walnut, what the others say about a hazel. With six mails later the conversations lie apart.
 */
async function monday([account, number, visitor]: Family, mails: 0 | 6): Promise<void> {
  const opened = said('walnut first', at(0), { leaf: visitor.leaf });
  await happened(opened, said('hazel text message', at(1), { leaf: number.leaf, channel: 'sms' }));
  await projection.link(account, visitor, at(2));
  await projection.link(account, number, at(2) + 1);
  await projection.settle();
  await happened(said('walnut by text message', at(3), { leaf: visitor.leaf, channel: 'sms' }));
  await happened(answered('walnut answer', at(4), opened.id, { leaf: visitor.leaf }));
  await happened(said('hazel in the chat', at(5), { leaf: number.leaf }));
  const mail = (_: unknown, index: number) =>
    said(`hazel mail ${index}`, at(6) + index * minuteMs, {
      leaf: account.leaf,
      channel: 'email',
      properties: { subject: `Subject ${index}` },
    });
  await happened(...Array.from({ length: mails }, mail));
  const { conversationId } = (await projection.timeline.readByIds([opened.id]))[0] ?? {};
  const mixed = await projection.conversations.readMessages({ conversationId: conversationId ?? '', limit: 10 });
  expect(mixed.messages.map(({ text }) => text)).toEqual(['walnut first', 'walnut answer', 'hazel in the chat']);
}

describe('after an unlink', () => {
  test('both customers are what their own timelines fold to, and neither shows a word of the other one', async () => {
    const members = family();
    const [account, number, visitor] = members;
    await monday(members, 6);
    expect(await wordsOf(visitor.leaf)).toMatch(/hazel/);
    await projection.unlink(visitor, account, at(24));
    await projection.settle();
    for (const { leaf } of members) expect(await differencesOf(leaf)).toEqual([]);
    expect((await view(visitor.leaf)).customerId).toBe(visitor.leaf);
    expect((await view(number.leaf)).customerId).toBe(account.leaf);
    for (const show of [wordsOf, messagesSeenFrom]) {
      expect(await show(visitor.leaf)).not.toMatch(/hazel/);
      expect(await show(visitor.leaf)).toMatch(/walnut/);
      expect(await show(number.leaf)).not.toMatch(/walnut/);
      expect(await show(number.leaf)).toMatch(/hazel/);
    }
    const cards = (await view(visitor.leaf)).cards;
    expect(cards.map(({ customerId }) => customerId)).toEqual([visitor.leaf]);
    expect(cards.map(({ endedWith }) => endedWith.text)).toEqual(['walnut answer']);
  });

  test('no word of the other one is shown even before anything is folded, and after each step', async () => {
    const members = family();
    const [account, number, visitor] = members;
    await monday(members, 0);
    await projection.unlink(visitor, account, at(24));
    do {
      expect(await wordsOf(visitor.leaf)).not.toMatch(/hazel/);
      expect(await wordsOf(number.leaf)).not.toMatch(/walnut/);
      const [fact] = projection.facts.splice(0, 1);
      if (fact) await projection.deliver([fact]);
      else await projection.decide(projection.untold.splice(0, 1));
    } while (projection.facts.length + projection.untold.length > 0);
    expect(await wordsOf(visitor.leaf)).not.toMatch(/hazel/);
    expect(await wordsOf(number.leaf)).not.toMatch(/walnut/);
  });

  test('where the root itself is taken away, the old customer id is that of the leaf and the others have one of their own', async () => {
    const members = family();
    const [account, number, visitor] = members;
    await monday(members, 6);
    await projection.link(number, visitor, at(23));
    await projection.settle();
    await projection.unlink(account, number, at(24));
    await projection.unlink(account, visitor, at(24) + 1);
    await projection.settle();
    expect((await view(account.leaf)).customerId).toBe(account.leaf);
    expect((await view(visitor.leaf)).customerId).toBe(number.leaf);
    expect(new Set(await readLeaves(projection.customers, visitor.leaf))).toEqual(new Set([number.leaf, visitor.leaf]));
    for (const { leaf } of members) expect(await differencesOf(leaf)).toEqual([]);
    expect(await wordsOf(account.leaf)).not.toMatch(/walnut|chat/);
    expect(await wordsOf(visitor.leaf)).not.toMatch(/mail/);
  });

  test('two trees of several leaves go on by themselves', async () => {
    const [account, number, visitor] = family();
    const laptop: Member = { leaf: newLeaf(`${account.leaf.slice(0, 6)}-laptop`), type: 'anonymousId' };
    await monday([account, number, visitor], 6);
    await projection.link(visitor, laptop, at(20));
    await projection.settle();
    await happened(said('walnut from the laptop', at(21), { leaf: laptop.leaf }));
    await projection.unlink(visitor, account, at(24));
    await projection.settle();
    await happened(
      said('walnut again', at(25), { leaf: laptop.leaf }),
      said('hazel again', at(25), { leaf: number.leaf, channel: 'sms' }),
    );
    expect((await view(laptop.leaf)).customerId).toBe((await view(visitor.leaf)).customerId);
    expect((await view(number.leaf)).customerId).toBe(account.leaf);
    for (const leaf of [account.leaf, number.leaf, visitor.leaf, laptop.leaf]) {
      expect(await differencesOf(leaf)).toEqual([]);
    }
    expect(await wordsOf(laptop.leaf)).not.toMatch(/hazel/);
    expect(await wordsOf(account.leaf)).not.toMatch(/walnut/);
    expect(await wordsOf(account.leaf)).toMatch(/hazel again/);
  });

  test('what is said next continues the own conversation, and a link by an agent makes one customer again', async () => {
    const members = family();
    const [account, , visitor] = members;
    await monday(members, 6);
    await projection.unlink(visitor, account, at(24));
    await projection.settle();
    await happened(said('walnut again', at(25), { leaf: visitor.leaf }));
    expect((await view(visitor.leaf)).cards[0]).toMatchObject({ endedWith: { text: 'walnut again' } });
    await projection.identities.link({
      a: visitor,
      b: account,
      trust: 'proven',
      evidence: 'request-again',
      reason: 'confirmed-by-agent',
      statedBy: 'reception',
      statedAtMs: at(26),
      lifts: true,
    });
    await projection.settle();
    for (const { leaf } of members) {
      expect((await view(leaf)).customerId).toBe(account.leaf);
      expect(await differencesOf(leaf)).toEqual([]);
    }
  });

  test('the same holds whatever breaks off wherever, and however often the stream repeats itself', async () => {
    let crashes = 0;
    for (let failAt = 1; ; failAt++) {
      const members = family();
      const [account, , visitor] = members;
      await monday(members, 6);
      await projection.unlink(visitor, account, at(24));
      const failing = failingTable(table, failAt);
      const breaking = createCustomerProjection(failing, projection.untold);
      const facts = projection.facts.splice(0);
      const news = [...projection.untold];
      if ((await breaking.deliver(facts)).length > 0) await projection.deliver(facts);
      for (let batch = projection.untold.splice(0, 2); batch.length > 0; batch = projection.untold.splice(0, 2)) {
        const broken = await breaking.decide(batch);
        if (broken.length > 0) crashes++;
        if (broken.length > 0) expect(await projection.decide(batch)).toEqual([]);
      }
      expect(await projection.decide(news)).toEqual([]);
      await projection.settle();
      for (const { leaf } of members) expect(await differencesOf(leaf), `write ${failAt}`).toEqual([]);
      expect(await messagesSeenFrom(visitor.leaf)).not.toMatch(/hazel/);
      expect(await messagesSeenFrom(account.leaf)).not.toMatch(/walnut/);
      if (!failing.failed()) break;
    }
    expect(crashes).toBeGreaterThan(3);
  }, 120_000);

  test('redelivered news folds nothing again: the leaf knows for which change of its tree it was folded', async () => {
    const members = family();
    const [account, , visitor] = members;
    await monday(members, 6);
    await projection.unlink(visitor, account, at(24));
    const news = [...projection.untold];
    await projection.settle();
    const before = table.writes();
    expect(await projection.decide(news.filter(({ newImage }) => newImage?.pk === `L#${visitor.leaf}`))).toEqual([]);
    expect(table.writes()).toBe(before);
  });

  test('a message that arrives before the leaf is folded again goes into its own conversation', async () => {
    const members = family();
    const [account, , visitor] = members;
    await monday(members, 6);
    await projection.unlink(visitor, account, at(24));
    const late = said('walnut quickly', at(24) + minuteMs, { leaf: visitor.leaf });
    await projection.store([late]);
    await projection.deliver([late]);
    expect(await wordsOf(visitor.leaf)).toMatch(/walnut quickly/);
    expect(await wordsOf(visitor.leaf)).not.toMatch(/hazel/);
    await projection.settle();
    for (const { leaf } of members) expect(await differencesOf(leaf)).toEqual([]);
  });
});

describe('leaves beyond the limits of a customer', () => {
  test('keep conversations of their own, stand in the timeline, and lead to the customer', async () => {
    const name = `${Date.now()}`.slice(-6);
    const user: Member = { leaf: newLeaf(`${name}-user`), type: 'userId' };
    const browsers = Array.from(
      { length: 21 },
      (_, index): Member => ({
        leaf: newLeaf(`${name}-browser-${String(index).padStart(2, '0')}`),
        type: 'anonymousId',
      }),
    );
    await happened(
      ...browsers.map(({ leaf }, index) => said(`question ${index}`, mondayMs + index * 20 * dayMs, { leaf })),
    );
    for (const [index, browser] of browsers.entries()) {
      await projection.link(user, browser, mondayMs + (index + 500) * dayMs);
      await projection.settle();
    }
    const { overflow, members } = await projection.identities.find(user.leaf);
    expect([overflow.length, members.length]).toEqual([1, 21]);
    const [beyond = ''] = overflow;
    expect((await view(beyond)).customerId).toBe(user.leaf);
    expect(await readLeaves(projection.customers, beyond)).toContain(beyond);
    expect(await differencesOf(user.leaf)).toEqual([]);
    const more = said('and another one', mondayMs + 600 * dayMs, { leaf: beyond });
    await happened(more);
    const [stored] = await projection.timeline.readByIds([more.id]);
    expect(stored).toMatchObject({ conversationId: more.id, continuity: { reason: 'new' } });
    expect((await view(user.leaf)).cards.map(({ conversationId }) => conversationId)).not.toContain(more.id);
    expect(await differencesOf(beyond)).toEqual([]);
  }, 120_000);
});
