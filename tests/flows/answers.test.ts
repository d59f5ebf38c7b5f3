import { beforeAll, describe, expect, test, vi } from 'vitest';
import { linksIn, startShop } from '../support/shop.ts';

/* Answers on their way to the customer, through the whole platform. */
// Each function starts when it is first needed: the first tests wait for all of them, on busy machines for long.
vi.setConfig({ testTimeout: 240_000 });

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
}, 240_000);

const minuteMs = 60_000;
const unread = 4 * minuteMs;

describe('an answer in the widget', () => {
  test('that was read is not mailed', async () => {
    const lena = await shop.openWidget('reads', { claims: { email: 'reads@example.com' } });
    const question = await lena.write('Is Minka due?');
    expect((await shop.answer(question, 'Yes, on Friday.')).status).toBe(201);
    expect(await lena.read()).toEqual(['Is Minka due?', 'Yes, on Friday.']);
    await shop.advance(unread);
    expect(await shop.mailsTo('reads@example.com')).toEqual([]);
  });

  test('that was not read for three minutes is mailed, together with the others, once', async () => {
    const lena = await shop.openWidget('away', { claims: { email: 'away@example.com' }, language: 'en' });
    const question = await lena.write('Is Minka due?');
    const first = await shop.answer(question, 'Yes, on Friday.');
    await shop.advance(minuteMs);
    const second = await shop.answer(question, 'At nine.\nPlease bring her card.');
    expect(await shop.mailsTo('away@example.com')).toEqual([]);
    await shop.advance(unread);
    const mail = await shop.mailTo('away@example.com');
    expect(mail?.subject).toBe('Answer to your message in our chat');
    expect(mail?.text).toContain('Yes, on Friday.');
    expect(mail?.text).toContain('At nine.\nPlease bring her card.');
    expect(mail?.html).toContain('At nine.<br');
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mail?.raw).not.toContain('List-Unsubscribe');
    expect(mail?.text).toMatch(/^Hello,\n/);
    const mailed = await shop.happened('email:away@example.com', 'answer.mailed');
    expect(mailed.properties).toMatchObject({ answers: [first.body.id, second.body.id], purpose: 'answer' });
    const delivered = await shop.happened('email:away@example.com', 'email.delivered');
    expect(delivered.properties.message).toBe(mailed.id);
  });

  test('to somebody without an address says on the timeline that it was not mailed', async () => {
    const lena = await shop.openWidget('nobody');
    const question = await lena.write('Is Minka due?');
    const { body } = await shop.answer(question, 'Yes, on Friday.');
    await shop.advance(unread);
    const suppressed = await shop.happened('anonymousId:nobody', 'answer.suppressed');
    expect(suppressed.properties).toMatchObject({ answers: [body.id], reason: 'no-address' });
  });

  test('is continued by a reply to its mail, in the same conversation', async () => {
    const lena = await shop.openWidget('replies', { claims: { email: 'replies@example.com' } });
    const question = await lena.write('Is Minka due?');
    await shop.answer(question, 'Yes, on Friday.');
    await shop.advance(unread);
    const mail = await shop.mailTo('replies@example.com');
    const { replyTo } = linksIn(mail);
    expect(replyTo).toMatch(/^reply\+[a-z2-7]{48}@/);
    await shop.mail({
      from: 'replies@example.com',
      to: replyTo,
      subject: `Re: ${mail?.subject}`,
      text: 'I will come.',
    });
    const reply = (await shop.timelineOf('email:replies@example.com')).find(({ text }) => text === 'I will come.');
    expect(reply?.properties.reply).toMatchObject({ type: 'anonymousId' });
    const answered = await shop.answer(reply?.id ?? '', 'See you then.');
    expect(answered.status).toBe(201);
  });
});

describe('an answer to a mail', () => {
  test('goes out at once, in the thread of the mail', async () => {
    await shop.mail({
      from: 'writes@example.com',
      to: `praxis@${shop.platform.inboundDomain}`,
      subject: 'Minka limps',
      text: 'What shall I do?',
      headers: { 'Message-ID': '<first@example.com>', References: '<zero@example.com>' },
    });
    const [question] = await shop.timelineOf('email:writes@example.com');
    const { body, status } = await shop.answer(question?.id ?? '', 'Please come <today>.');
    expect(status).toBe(201);
    const mail = await shop.mailTo('writes@example.com');
    expect(mail?.subject).toBe('Re: Minka limps');
    expect(mail?.text).toContain('Please come <today>.');
    expect(mail?.html).toContain('Please come &lt;today&gt;.');
    const head = (mail?.raw ?? '').replace(/\r?\n[ \t]+/g, ' ');
    expect(head).toMatch(/^In-Reply-To: <first@example.com>/m);
    expect(head).toMatch(/^References: <zero@example.com> <first@example.com> </m);
    expect(head).toContain(`<${body.id}@`);
    expect(head).not.toContain('Auto-Submitted');
    const mailed = await shop.happened('email:writes@example.com', 'answer.mailed');
    expect(mailed.properties).toMatchObject({ answers: [body.id], subject: 'Re: Minka limps' });
  });

  test('reaches also a sender for whom no domain vouches, and the reply continues', async () => {
    const to = `praxis@${shop.platform.inboundDomain}`;
    await shop.mail({
      from: 'small@company.example',
      to,
      subject: 'Offer',
      text: 'Do you need gloves?',
      dmarc: 'GRAY',
    });
    const { body } = await shop.call('GET', '/conversations?status=open&limit=100', { headers: shop.agent });
    const listed = body.conversations.find(({ subject }: { subject?: string }) => subject === 'Offer');
    await shop.answer(listed.conversationId, 'No, thank you.');
    const mail = await shop.mailTo('small@company.example');
    expect(mail?.subject).toBe('Re: Offer');
    const { replyTo } = linksIn(mail);
    await shop.mail({
      from: 'small@company.example',
      to: replyTo,
      subject: 'Re: Offer',
      text: 'A pity.',
      dmarc: 'GRAY',
    });
    const texts = (await shop.messagesIn(listed.conversationId)).map(({ text }) => text);
    expect(texts).toEqual(['Do you need gloves?', 'No, thank you.', 'A pity.']);
  });
});

describe('an answer to a call', () => {
  test('goes by mail where the address is known, and is refused where it is not', async () => {
    await shop.identify({
      userId: 'caller-1',
      traits: { email: 'caller@example.com', phone: '+493023125117', language: 'de' },
    });
    await shop.missedCall('+493023125117');
    const calls = await shop.timelineOf('phone:+493023125117');
    const call = calls.find(({ type }) => type === 'call.missed');
    expect((await shop.answer(call?.conversationId ?? '', 'Wir rufen morgen zurück.')).status).toBe(201);
    expect((await shop.mailsTo('caller@example.com')).map(({ subject }) => subject)).toContain(
      'Nachricht von Tierarztpraxis Lindenhof',
    );
    await shop.missedCall('+493023125118');
    const stranger = (await shop.timelineOf('phone:+493023125118')).find(({ type }) => type === 'call.missed');
    const refused = await shop.answer(stranger?.conversationId ?? '', 'Hello?');
    expect(refused.status).toBe(409);
  });
});
