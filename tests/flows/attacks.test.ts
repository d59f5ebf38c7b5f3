import { beforeAll, describe, expect, test, vi } from 'vitest';
import { linksIn, startShop } from '../support/shop.ts';

/*
 * Somebody who wants to read what another customer said, or to pass for them. Each attack goes through the front doors,
 * and each time it is looked at what the attacker gets to see and what the attack leaves behind.
 */
// Each function starts when it is first needed: the first tests wait for all of them, on busy machines for long.
vi.setConfig({ testTimeout: 240_000 });

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
}, 240_000);

const minuteMs = 60_000;
const secret = 'The test of my cat is positive.';

/** A victim with a mailbox, who wrote us a mail and was answered. */
async function victim(name: string) {
  const address = `${name}@victim.example`;
  await shop.mail({
    from: address,
    to: `praxis@${shop.platform.inboundDomain}`,
    subject: `Test ${name}`,
    text: secret,
  });
  const [written] = await shop.timelineOf(`email:${address}`);
  const message = written?.id ?? '';
  expect((await shop.answer(message, 'Please bring her in.')).status).toBe(201);
  const mail = await shop.mailTo(address);
  return { address, message, ...linksIn(mail), raw: mail?.raw ?? '' };
}

const resume = (token: string, anonymousId: string) =>
  shop.call('POST', '/widget/resume', { body: { token, anonymousId } });
const signed = (userId: string) => ({ userId, userHash: shop.userHash(userId) });
const textsOf = (page: { messages: Record<string, string>[] }) => page.messages.map(({ text }) => text);

describe('an attacker reads nothing of the victim', () => {
  test('who registers the address of the victim in the shop', async () => {
    const { address } = await victim('shop');
    await shop.identify({ userId: 'mallory-shop', traits: { email: address, name: 'Mallory' } });
    const mallory = await shop.openWidget('mallory-shop-browser', signed('mallory-shop'));
    expect(await mallory.read()).toEqual([]);
    expect(textsOf(await mallory.history())).toEqual([]);
    await mallory.write('Hello, what about my cat?');
    expect(await mallory.read()).toEqual(['Hello, what about my cat?']);
    expect(textsOf(await mallory.history())).toEqual(['Hello, what about my cat?']);
  });

  test('who types the address of the victim into the chat; nor is the reply of the victim shown there', async () => {
    const { address } = await victim('typed');
    const mallory = await shop.openWidget('mallory-typed', { claims: { email: address } });
    const question = await mallory.write('It is me. What did I write?');
    expect(await mallory.read()).toEqual(['It is me. What did I write?']);
    await shop.answer(question, 'Who are you?');
    await shop.advance(4 * minuteMs);
    const { replyTo } = linksIn(await shop.mailTo(address, 2));
    await shop.mail({ from: address, to: replyTo, subject: 'Re: chat', text: 'That was not me!' });
    const [latest] = (await shop.timelineOf(`email:${address}`)).filter(({ text }) => text === 'That was not me!');
    await shop.answer(latest?.id ?? '', 'Thank you for telling us.');
    expect(await mallory.read()).toEqual(['It is me. What did I write?', 'Who are you?']);
    expect(textsOf(await mallory.history())).toEqual(['Who are you?', 'It is me. What did I write?']);
    const again = await shop.openWidget('mallory-typed');
    expect(textsOf(await again.history())).toEqual(['Who are you?', 'It is me. What did I write?']);
  });

  test('who claims the account of the victim without a signature, or with a wrong one', async () => {
    const lena = await shop.openWidget('lena-claimed', signed('lena-claimed-user'));
    await lena.write(secret);
    const mallory = await shop.openWidget('mallory-claimed', { userId: 'lena-claimed-user' });
    expect(await mallory.read()).toEqual([]);
    expect(textsOf(await mallory.history())).toEqual([]);
    const forged = await shop.call('POST', '/widget/session', {
      headers: { authorization: `Basic ${btoa(`${shop.keys.browserWriteKey}:`)}` },
      body: { anonymousId: 'mallory-claimed', userId: 'lena-claimed-user', userHash: 'a'.repeat(64) },
    });
    expect(forged.status).toBe(403);
  });

  test('who replays a link that was used, takes one apart, or uses another token for it', async () => {
    const address = 'replay@victim.example';
    const lena = await shop.openWidget('lena-replay', { claims: { email: address } });
    const question = await lena.write(secret);
    await shop.answer(question, 'Please bring her in.');
    await shop.advance(4 * minuteMs);
    const mail = await shop.mailTo(address);
    const { replyTo, resume: token } = linksIn(mail);
    expect((await resume(token, 'lena-phone')).status).toBe(201);
    expect((await resume(token, 'mallory-replay')).status).toBe(409);
    // The same claims under a signature of nobody.
    const [head = '', claims = ''] = token.split('.');
    expect((await resume(`${head}.${claims}.${'A'.repeat(43)}`, 'mallory-replay')).status).toBe(401);
    const none = Buffer.from('{"alg":"none","typ":"resume+jwt"}').toString('base64url');
    expect((await resume(`${none}.${claims}.`, 'mallory-replay')).status).toBe(401);
    expect((await resume(replyTo.slice('reply+'.length, 54), 'mallory-replay')).status).toBe(401);
    const session = lena.session.authorization?.slice('Bearer '.length) ?? '';
    expect((await resume(session, 'mallory-replay')).status).toBe(401);
    // And the link opens no session by itself.
    const read = await shop.call('GET', '/widget/history', { headers: { authorization: `Bearer ${token}` } });
    expect(read.status).toBe(401);
  });

  test('who resumes with the token of an unsubscribe link', async () => {
    const address = 'unsubscribe@victim.example';
    await shop.identify({ userId: 'unsubscribe-user', traits: { email: address, phone: '+493023125444' } });
    await shop.missedCall('+493023125444');
    const mail = await shop.mailTo(address);
    const token = /\/unsubscribe\/([\w.-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
    expect(token).not.toBe('');
    expect((await resume(token, 'mallory-unsubscribe')).status).toBe(401);
    expect((await shop.call('GET', `/resume/${token}`)).status).toBe(410);
  });
});

describe('an attacker passes for nobody', () => {
  test('who replies to a forwarded mail: it is a guest’s, links nothing, and the victim is not shown it', async () => {
    const { address, message, replyTo } = await victim('forwarded');
    await shop.mail({ from: 'mallory@evil.example', to: replyTo, subject: 'Re: Test', text: 'Tell me everything.' });
    const [copy] = (await shop.messagesIn(message)).filter(({ text }) => text === 'Tell me everything.');
    expect(copy).toBeDefined();
    expect(await shop.customerOf('email:mallory@evil.example')).not.toBe(await shop.customerOf(`email:${address}`));
    const linked = (await shop.timelineOf(`email:${address}`)).filter(({ type }) => type === 'identity.linked');
    expect(linked).toEqual([]);
    // The answer still goes to the victim, and to nobody else.
    await shop.answer(message, 'We tell only you.');
    expect((await shop.mailTo(address, 2))?.text).toContain('We tell only you.');
    expect(await shop.mailsTo('mallory@evil.example')).toEqual([]);
  });

  test('who writes in the name of the victim without the domain of the victim vouching for it', async () => {
    const { address, message, replyTo } = await victim('spoofed');
    await shop.mail({ from: address, to: replyTo, text: 'My new address is mallory@evil.example.', dmarc: 'FAIL' });
    const own = await shop.timelineOf(`email:${address}`);
    expect(own.some(({ text, trust }) => text?.includes('new address') && trust === 'proven')).toBe(false);
    const copy = (await shop.timelineOf(`email:${address}`)).find(({ text }) => text?.includes('new address'));
    expect(copy?.properties.guest).toBeDefined();
    await shop.answer(message, 'We keep the old one.');
    expect((await shop.mailTo(address, 2))?.text).toContain('We keep the old one.');
  });

  test('who forges references to the messages of the victim', async () => {
    const { address, message, raw } = await victim('references');
    const ours = /<([\w.-]{50})@lindenhof\.example>/.exec(raw)?.[0] ?? '';
    expect(ours).not.toBe('');
    await shop.mail({
      from: 'mallory@references.example',
      to: `praxis@${shop.platform.inboundDomain}`,
      subject: 'Re: Test references',
      text: 'Please send me the result, too.',
      headers: { References: ours, 'In-Reply-To': ours },
    });
    expect((await shop.messagesIn(message)).map(({ text }) => text)).toEqual([secret, 'Please bring her in.']);
    const own = await shop.customerOf('email:mallory@references.example');
    expect(own).not.toBe(await shop.customerOf(`email:${address}`));
    const [forged] = await shop.timelineOf('email:mallory@references.example');
    await shop.answer(forged?.id ?? '', 'Who are you?');
    expect((await shop.mailTo('mallory@references.example'))?.text).not.toContain(secret);
  });

  test('who calls with the number of the victim hears and reads nothing of it; an answer goes to the victim', async () => {
    const address = 'number@victim.example';
    await shop.identify({ userId: 'number-user', traits: { email: address, phone: '+493023125555' } });
    const lena = await shop.openWidget('lena-number', signed('number-user'));
    await lena.write(secret);
    await shop.missedCall('+493023125555');
    const mails = await shop.mailsTo(address);
    expect(JSON.stringify(mails)).not.toContain(secret);
    const mallory = await shop.openWidget('mallory-number', { claims: { phone: '+493023125555' } });
    expect(textsOf(await mallory.history())).toEqual([]);
    expect(await mallory.read()).toEqual([]);
  });
});
