import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerConsole } from '../../local/pages/registerConsole.ts';
import type { Platform } from '../../local/platform.ts';
import { startTestPlatform } from '../support/platform.ts';
import { openBrowser, type TestBrowser } from './openBrowser.ts';

let platform: Platform;
let browser: TestBrowser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startTestPlatform(), openBrowser()]);
  registerConsole({ register: platform.registerLocalRoute, keys: platform.keys, told: undefined });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

async function post<T>(path: string, authorization: string, body: unknown): Promise<T> {
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetch(platform.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.ok, path).toBe(true);
  await platform.drain();
  return (await answer.json()) as T;
}

let visitors = 0;
/** Somebody new writes in the chat; the id of the message. */
async function chat(name: string, text: string): Promise<{ id: string; customerId: string }> {
  const key = `Bearer ${platform.keys.browserWriteKey}`;
  const { token } = await post<{ token: string }>('/widget/session', key, {
    anonymousId: `a-browser-of-these-tests-${++visitors}`,
    claims: { name },
  });
  const sentAt = new Date().toISOString();
  const { id } = await post<{ id: string }>('/widget/messages', `Bearer ${token}`, { messageId: 'm1', text, sentAt });
  return { id, customerId: id.slice(0, 22) };
}

const identify = (userId: string, traits: Record<string, string>) =>
  post('/v1/identify', `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}`, {
    userId,
    messageId: `identify-${userId}`,
    timestamp: new Date().toISOString(),
    traits,
  });

test('a conversation is read with the reason of each message and answered where it stands', async () => {
  const { id } = await chat('Lena Vogt', 'Minka limps. Can we come today?');
  const { page, complaints } = await browser.open(`${platform.url}/console/conversation?id=${id}`);
  await page.getByRole('heading', { name: 'Lena Vogt open' }).waitFor();
  expect(await page.locator('.message.theirs').textContent()).toMatch(
    /Lena Vogt[\s\S]*Minka limps\. Can we come today\?\s*Begins this conversation/,
  );

  await page.getByLabel('You are').fill('Dr. Ahrens');
  await page.getByLabel('Your answer').fill('Please come at eleven.');
  await page.getByRole('button', { name: 'Send answer' }).click();
  await page.locator('.message.ours').waitFor();
  expect(await page.locator('.message.ours').textContent()).toMatch(
    /Dr\. Ahrens[\s\S]*Please come at eleven\.\s*Here because it was sent as an answer in it/,
  );
  expect(await page.getByLabel('Your answer').inputValue()).toBe('');
  await page.getByRole('heading', { name: 'Lena Vogt pending' }).waitFor();
  expect(complaints).toEqual([]);
});

test('a note, who takes care of it, when it comes back and that it is done show at once', async () => {
  const { id } = await chat('Jonas Reuter', 'Balu coughs.');
  const { page, complaints } = await browser.open(`${platform.url}/console/conversation?id=${id}`);
  await page.getByRole('heading', { name: 'Jonas Reuter open' }).waitFor();

  await page.getByLabel('Your answer').fill('Bites.');
  await page.getByRole('button', { name: 'Note for colleagues' }).click();
  await page
    .locator('.message.note', { hasText: 'Bites.' })
    .getByText(/for colleagues only/)
    .waitFor();
  await page.locator('#assigned').click();
  await page.getByLabel('To whom').fill('Dr. Ahrens');
  await page.getByRole('button', { name: 'Assign', exact: true }).click();
  await page.getByText('Dr. Ahrens takes care of it').waitFor();
  await page.locator('#snoozing summary').click();
  await page.getByRole('button', { name: 'In two weeks' }).click();
  await page.getByRole('heading', { name: 'Jonas Reuter snoozed' }).waitFor();
  await page.getByText(/set aside until/).waitFor();
  await page.getByRole('button', { name: 'Reopen' }).click();
  await page.getByRole('heading', { name: 'Jonas Reuter open' }).waitFor();
  await page.getByRole('button', { name: 'Resolve' }).click();
  await page.getByRole('heading', { name: 'Jonas Reuter resolved' }).waitFor();
  await page.goto(`${platform.url}/console/inbox?status=resolved`);
  await page.locator('#conversations li', { hasText: 'Balu coughs.' }).getByText('Dr. Ahrens').waitFor();
  expect(complaints).toEqual([]);
});

test('what a customer wrote and is called stays text', async () => {
  const markup = '<img src=x onerror="document.title=\'ran\'"><script>document.title="ran"</script>';
  const { id } = await chat(markup, markup);
  const { page } = await browser.open(`${platform.url}/console/conversation?id=${id}`);
  await page.locator('.message .bubble').waitFor();
  expect(await page.locator('.message .bubble').textContent()).toBe(markup);
  expect(await page.locator('.message strong').textContent()).toBe(markup);
  expect(await page.title()).toBe(`${markup} · Throughline`);
});

test('a conversation that is none says so', async () => {
  const { page } = await browser.open(`${platform.url}/console/conversation?id=nonsense`);
  await page.getByText('There is no such conversation.').waitFor();
});

test('the customer’s page tells why they are one person, and separates who is not', async () => {
  await identify('cust-50', { name: 'Anna Brandt', email: 'bruno.brandt@example.com' });
  const { page, complaints } = await browser.open(`${platform.url}/console/customer?identifier=userId:cust-50`);
  await page.getByRole('heading', { name: 'Anna Brandt' }).waitFor();
  await page
    .locator('#identity')
    .getByText(/^Account and email address are one person, because our system “.+” named both together\./)
    .waitFor();

  const email = page.locator('#identity [data-identifier="email:bruno.brandt@example.com"]');
  await email.getByRole('button', { name: 'Not this person' }).click();
  await page.getByText('Take bruno.brandt@example.com out of this customer?').waitFor();
  await page.getByRole('button', { name: 'Keep together' }).click();
  await email.getByRole('button', { name: 'Not this person' }).click();
  await page.getByRole('textbox', { name: 'Why (colleagues read it)' }).fill('Her brother');
  await page.getByRole('button', { name: 'Separate', exact: true }).click();
  await page
    .locator('#identity')
    .getByText(
      /^Email address and account were separated by .+: “Her brother”\. They will not be joined by themselves again\./,
    )
    .waitFor();
  expect(complaints).toEqual([]);
});

test('a name finds whoever is called so, and lets a person choose among several', async () => {
  await identify('cust-60', { name: 'Clara Sommer' });
  await identify('cust-61', { name: 'Carl Sommerfeld' });
  const { page } = await browser.open(`${platform.url}/console/customer?identifier=sommer`);
  await page.getByText('Who of these?').waitFor();
  await page.getByRole('link', { name: /^Carl Sommerfeld/ }).click();
  await page.getByRole('heading', { name: 'Carl Sommerfeld' }).waitFor();
  await page.goto(`${platform.url}/console/customer?identifier=sommer+cla`);
  await page.getByRole('heading', { name: 'Clara Sommer' }).waitFor();
  await page.goto(`${platform.url}/console/customer?identifier=winter`);
  await page.getByText('Nobody is called so or has such a number.').waitFor();
});

test('conversation and search fit a phone without scrolling sideways', async () => {
  const { id } = await chat('Lena Vogt', `Minka ${'l'.repeat(200)} limps.`);
  for (const path of [`/console/conversation?id=${id}`, '/console/customer?identifier=sommer']) {
    const { page } = await browser.open(platform.url + path);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.waitForLoadState('networkidle');
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow, path).toBe(0);
  }
});
