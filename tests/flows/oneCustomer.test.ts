import { expect, test, vi } from 'vitest';
import { linksIn, startShop } from '../support/shop.ts';

/*
 * What everything else is for: one customer on every channel has one conversation, and each message says why it belongs
 * there; and whoever was taken for one customer can be made two again.
 */
// Each function starts when it is first needed, on busy machines for long.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const minuteMs = 60_000;
const lena = {
  userId: 'lena',
  traits: { name: 'Lena Vogt', email: 'lena@example.com', phone: '+493023125170' },
};

test('a chat goes on in another browser, by mail, by a reply and by telephone, and ends in two where the address is unlinked', async () => {
  const shop = await startShop();
  const contextOf = async (identifier: string) => {
    const id = await shop.customerOf(identifier);
    return (await shop.call('GET', `/customers/${id}/context`, { headers: shop.agent })).body;
  };
  /** What the customer said, with the conversation and the reason that each message states. */
  const saidBy = async (identifier: string) =>
    (await shop.timelineOf(identifier))
      .filter(({ direction, type }) => direction === 'inbound' && /^(message\.received|call\.started)$/.test(type))
      .map(({ channel, continuity, conversationId, text }) => [channel, text, continuity?.reason, conversationId]);

  await shop.identify(lena);
  const before = await shop.openWidget('laptop');
  const opening = await before.write('Is Minka due?');
  expect(await shop.customerOf('anonymousId:laptop')).not.toBe(await shop.customerOf('userId:lena'));
  const signed = { userId: lena.userId, userHash: shop.userHash(lena.userId) };
  await shop.openWidget('laptop', signed);
  const onPhone = await shop.openWidget('phone', signed);
  expect((await onPhone.history()).messages.map(({ text }) => text)).toEqual(['Is Minka due?']);
  await onPhone.write('I am on my phone now.');
  await shop.mail({
    from: lena.traits.email,
    to: `praxis@${shop.platform.inboundDomain}`,
    subject: '',
    text: 'I cannot find her card.',
  });
  const atMailbox = await shop.timelineOf(`email:${lena.traits.email}`);
  const written = atMailbox.find(({ text }) => text === 'I cannot find her card.')?.id ?? '';
  expect((await shop.answer(written, 'We have a copy. Friday at nine?')).status).toBe(201);
  await shop.advance(4 * minuteMs);
  const answer = await shop.mailTo(lena.traits.email);
  await shop.mail({
    from: lena.traits.email,
    to: linksIn(answer).replyTo,
    subject: `Re: ${answer?.subject}`,
    text: 'Friday is good.',
  });
  await shop.missedCall(lena.traits.phone);

  expect(await saidBy('userId:lena')).toEqual([
    ['web', 'Is Minka due?', 'new', opening],
    ['web', 'I am on my phone now.', 'open', opening],
    ['email', 'I cannot find her card.', 'open', opening],
    ['email', 'Friday is good.', 'token', opening],
    ['voice', 'Incoming call', 'open', opening],
  ]);
  const customer = await shop.customerOf('userId:lena');
  for (const identifier of [`email:${lena.traits.email}`, `phone:${lena.traits.phone}`, 'anonymousId:laptop']) {
    expect(await shop.customerOf(identifier)).toBe(customer);
  }
  expect((await contextOf('userId:lena')).conversations).toHaveLength(1);

  // One click in the mail that the missed call brought.
  const mails = await shop.mailsTo(lena.traits.email);
  const followUp = mails.find(({ raw }) => /^List-Unsubscribe:/m.test(raw));
  const [, unsubscribe = ''] = /^List-Unsubscribe: <(\S+)>/m.exec(followUp?.raw ?? '') ?? [];
  const objection = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) };
  expect((await fetch(unsubscribe, objection)).status).toBe(200);
  await shop.settle();
  const stateOf = async (identifier: string) => (await contextOf(identifier)).consent['service-recovery']?.state;
  expect(await stateOf('userId:lena')).toBe('withdrawn');

  const removed = await shop.call('POST', `/customers/${customer}/links/remove`, {
    headers: shop.agent,
    body: { a: `email:${lena.traits.email}`, b: 'userId:lena', reason: 'it is her sister who writes' },
  });
  expect(removed.status).toBe(200);
  await shop.settle();
  expect(await shop.customerOf(`email:${lena.traits.email}`)).not.toBe(await shop.customerOf('userId:lena'));
  expect(await saidBy('userId:lena')).toEqual([
    ['web', 'Is Minka due?', 'new', opening],
    ['web', 'I am on my phone now.', 'open', opening],
    ['voice', 'Incoming call', 'open', opening],
  ]);
  expect(await saidBy(`email:${lena.traits.email}`)).toEqual([
    ['email', 'I cannot find her card.', 'new', written],
    ['email', 'Friday is good.', 'token', written],
  ]);
  const listed = async (identifier: string) =>
    (await contextOf(identifier)).conversations.map(({ conversationId }: Record<string, string>) => conversationId);
  expect(await listed('userId:lena')).toEqual([opening]);
  // The mail after the call went to this mailbox; what it answered is Lena's, so it begins something by itself.
  expect(await listed(`email:${lena.traits.email}`)).toEqual([expect.anything(), written]);
  const { messages } = await onPhone.history();
  expect(messages.map(({ text }) => text)).toEqual(['I am on my phone now.', 'Is Minka due?']);
  expect(await stateOf(`email:${lena.traits.email}`)).toBe('withdrawn');
  expect((await stateOf('userId:lena')) ?? 'undecided').toBe('undecided');
  // Whoever was given the old id still finds somebody.
  expect((await shop.call('GET', `/customers/${customer}`, { headers: shop.agent })).status).toBe(200);
});
