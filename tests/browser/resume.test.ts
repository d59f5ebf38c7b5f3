import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerConsole } from '../../local/pages/registerConsole.ts';
import { startShop } from '../support/shop.ts';
import { openBrowser, type TestBrowser } from './openBrowser.ts';

/* From the chat over a mail into another browser, and back to the agent: each of them in a browser of their own. */
let shop: Awaited<ReturnType<typeof startShop>>;
const browsers: TestBrowser[] = [];
const newBrowser = async () => {
  const browser = await openBrowser();
  browsers.push(browser);
  return browser;
};

beforeAll(async () => {
  shop = await startShop();
  registerConsole({ register: shop.platform.registerLocalRoute, keys: shop.keys, told: undefined });
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
});

const unreadMs = 4 * 60_000;
const practice = () => `praxis@${shop.platform.inboundDomain}`;

/** Lena wrote a mail once; now somebody chats under her address, is answered in the console, and does not look. */
async function answered(agent: TestBrowser, name: string) {
  const address = `${name}@example.com`;
  await shop.mail({ from: address, to: practice(), subject: 'Food', text: 'Which food for Minka?' });
  const asked = await shop.openWidget(`${name}-desktop`, { claims: { email: address }, language: 'en' });
  const question = await asked.write('Is Minka due?');
  await shop.conversationOf(question);
  const { page } = await agent.open(`${shop.url}/console/conversation?id=${question}`);
  await page.getByLabel('Your answer').fill('Yes, on Friday.\nPlease bring <her> card.');
  await page.getByRole('button', { name: 'Send answer' }).click();
  await page.locator('.message.ours').waitFor();
  await shop.settle();
  await shop.advance(unreadMs);
  await shop.mailTo(address);
  return { address, console: page, question };
}

/** Opens the newest mail to an address in the mailbox and gives where its button leads. */
async function linkInMailbox(browser: TestBrowser, address: string): Promise<string> {
  const { page, complaints } = await browser.open(`${shop.url}/_local/mailbox?to=${encodeURIComponent(address)}`);
  const button = page.frameLocator('iframe').getByRole('link', { name: 'Continue the conversation' });
  await button.waitFor();
  expect(complaints).toEqual([]);
  return (await button.getAttribute('href')) ?? '';
}

test('whoever was mailed an answer goes on in another browser, reads what is proven theirs, and reaches the agent', async () => {
  const [agent, phone] = await Promise.all([newBrowser(), newBrowser()]);
  await shop.mail({ from: 'max@example.com', to: practice(), subject: 'Test', text: 'Is the test of Balu positive?' });
  const { address, console: agentPage, question } = await answered(agent, 'lena');
  const link = await linkInMailbox(phone, address);
  expect(link).toContain(`${shop.url}/resume/`);

  const { page, complaints } = await phone.open(link);
  await page.getByRole('heading', { name: 'Your conversation with us' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByRole('button', { name: 'Continue the conversation' }).click();
  // What was typed in the chat was never proven to be hers; what came from her mailbox was.
  const entries = page.locator('#messages li');
  await entries.nth(1).waitFor();
  expect(await entries.locator('.words').allTextContents()).toEqual([
    'Which food for Minka?',
    'Yes, on Friday.\nPlease bring <her> card.',
  ]);
  expect(await page.locator('#text:focus').count()).toBe(1);

  await page.getByLabel('Your message').fill('Thank you, I will come.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('#messages li.you', { hasText: 'Thank you, I will come.' }).waitFor();
  expect(await page.getByLabel('Your message').inputValue()).toBe('');
  await shop.settle();
  await agentPage.reload();
  await agentPage.locator('.message.theirs', { hasText: 'Thank you, I will come.' }).waitFor();
  const texts = (await shop.messagesIn(question)).map(({ text }) => text);
  expect(texts).toEqual(['Is Minka due?', 'Yes, on Friday.\nPlease bring <her> card.', 'Thank you, I will come.']);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(complaints).toEqual([]);
});

test('a link that was used opens nothing elsewhere, says so, and leads on by mail', async () => {
  const [first, second] = await Promise.all([newBrowser(), newBrowser()]);
  const { address } = await answered(first, 'twice');
  const link = await linkInMailbox(first, address);
  const { page: used } = await first.open(link);
  await used.getByRole('button', { name: 'Continue the conversation' }).click();
  await used.locator('#messages li').first().waitFor();

  const { page } = await second.open(link);
  await page.getByRole('button', { name: 'Continue the conversation' }).click();
  await page
    .getByRole('alert')
    .getByText('it opens the conversation once, and that was done already. Please reply to the mail instead')
    .waitFor();
  await page.getByRole('heading', { name: 'This link has done its work' }).waitFor();
  expect(await page.getByRole('button').count()).toBe(0);
  expect(await page.locator('body').textContent()).not.toContain('Yes, on Friday.');
});
