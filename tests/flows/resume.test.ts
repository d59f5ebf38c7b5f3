import { beforeAll, describe, expect, test, vi } from 'vitest';
import { linksIn, startShop } from '../support/shop.ts';

/* The way back from a mail into the conversation, through the whole platform. */
// Each function starts when it is first needed: the first tests wait for all of them, on busy machines for long.
vi.setConfig({ testTimeout: 240_000 });

let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
}, 240_000);

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A visitor asks in the chat, is answered, does not look, and gets a mail. */
async function mailed(name: string) {
  const address = `${name}@example.com`;
  const asked = await shop.openWidget(`${name}-browser`, { claims: { email: address }, language: 'en' });
  const question = await asked.write('Is Minka due?');
  await shop.answer(question, 'Yes, on Friday.');
  await shop.advance(4 * minuteMs);
  const mail = await shop.mailTo(address);
  return { address, asked, question, ...linksIn(mail) };
}

const resume = (token: string, anonymousId?: string) =>
  shop.call('POST', '/widget/resume', { body: { token, ...(anonymousId === undefined ? {} : { anonymousId }) } });

describe('the link in a mail', () => {
  test('that was used is refused to everybody else, and to the same browser after ten minutes', async () => {
    const { resume: token } = await mailed('used');
    expect((await resume(token, 'first-browser')).status).toBe(201);
    expect((await resume(token, 'second-browser')).status).toBe(409);
    expect((await resume(token)).status).toBe(409);
    const again = await resume(token, 'first-browser');
    expect(again.status).toBe(201);
    await shop.advance(11 * minuteMs);
    expect((await resume(token, 'first-browser')).status).toBe(409);
    const resumed = (await shop.timelineOf('email:used@example.com')).filter(
      ({ type }) => type === 'conversation.resumed',
    );
    expect(resumed).toHaveLength(1);
  });

  test('is good for two days, and a changed one never', async () => {
    const { resume: token } = await mailed('late');
    expect((await resume(`${token.slice(0, -2)}AA`)).status).toBe(401);
    expect((await shop.call('GET', `/resume/${token.slice(0, -2)}AA`)).status).toBe(410);
    await shop.advance(49 * hourMs);
    expect((await resume(token, 'late-browser')).status).toBe(401);
    const page = await shop.call('GET', `/resume/${token}`);
    expect(page.status).toBe(410);
    expect(page.text).toContain('Der Link ist abgelaufen');
  });

  test('serves no page of a foreign origin', async () => {
    const { resume: token } = await mailed('origin');
    const own = await shop.call('POST', '/widget/resume', { headers: { origin: shop.url }, body: { token } });
    expect(own.status).toBe(201);
  });
});

describe('what is written by the link in another browser', () => {
  const resumedIn = async (anonymousId: string, token: string) => {
    const { body, status } = await resume(token, anonymousId);
    expect(status).toBe(201);
    await shop.settle();
    return shop.browserWith(anonymousId, body.token);
  };

  test('goes on in the same conversation, where the agent reads it and the visitor goes on reading', async () => {
    const { asked, question, resume: token } = await mailed('phone');
    const phone = await resumedIn('phone-browser-2', token);
    expect(await phone.read()).toEqual(['Yes, on Friday.']);
    await phone.write('I will come.');
    await shop.answer(question, 'At nine?');
    expect((await shop.messagesIn(question)).map(({ text }) => text)).toEqual([
      'Is Minka due?',
      'Yes, on Friday.',
      'I will come.',
      'At nine?',
    ]);
    expect(await phone.read()).toEqual(['Yes, on Friday.', 'I will come.', 'At nine?']);
    // The chat proved nothing: whoever typed her address there is shown nothing that the mailbox wrote.
    expect(await asked.read()).toEqual(['Is Minka due?', 'Yes, on Friday.']);
    expect((await asked.history()).messages.map(({ text }) => text)).toEqual(['Yes, on Friday.', 'Is Minka due?']);
  });

  test('makes one customer of both, which the click alone does not', async () => {
    const { address, resume: token } = await mailed('click');
    const phone = await resumedIn('click-phone', token);
    const chatter = await shop.customerOf('anonymousId:click-browser');
    expect(await shop.customerOf(`email:${address}`)).not.toBe(chatter);
    await phone.write('It was me.');
    expect(await shop.customerOf(`email:${address}`)).toBe(await shop.customerOf('anonymousId:click-browser'));
  });
});

describe('one browser, two people', () => {
  test('nobody reads what another one wrote who was proven to be there, nor an answer to them', async () => {
    const browser = 'family-computer';
    const signed = (userId: string) => ({ userId, userHash: shop.userHash(userId) });
    const lena = await shop.openWidget(browser, signed('lena-1'));
    const question = await lena.write('What does the test say?');
    await shop.answer(question, 'It is positive.');
    expect(await lena.read()).toEqual(['What does the test say?', 'It is positive.']);

    for (const other of [await shop.openWidget(browser), await shop.openWidget(browser, signed('max-1'))]) {
      expect(await other.read()).toEqual([]);
      expect((await other.history()).messages).toEqual([]);
    }
    const elsewhere = await shop.openWidget('lena-phone-2', signed('lena-1'));
    expect((await elsewhere.history()).messages.map(({ text }) => text)).toEqual([
      'It is positive.',
      'What does the test say?',
    ]);
  });
});
