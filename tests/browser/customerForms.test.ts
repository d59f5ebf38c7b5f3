import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
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

/** A customer whom the shop knows, and nothing else. */
async function known(userId: string, traits: Record<string, string>): Promise<Page> {
  const answer = await fetch(`${platform.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}` },
    body: JSON.stringify({ userId, messageId: `identify-${userId}`, timestamp: new Date().toISOString(), traits }),
  });
  expect(answer.status).toBe(200);
  await platform.drain();
  const { page } = await browser.open(`${platform.url}/console/customer?identifier=userId:${userId}`);
  await page.locator('#customer').waitFor();
  return page;
}

/** Pictures for people to look at, where a folder is given; nothing is wider than the screen. */
async function fits(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    if (folder) mkdirSync(folder, { recursive: true });
    if (folder) await page.screenshot({ path: join(folder, `${name}-${width}.png`) });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow, `${name} at ${width}`).toBe(0);
  }
}

test('another identifier is linked from the customer’s page, by keyboard alone, and the reason stands there', async () => {
  const page = await known('link-17', { name: 'Lena Vogt' });
  await page.getByRole('button', { name: 'Link an identifier' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Link to this customer' });
  await dialog.waitFor();
  await page.keyboard.type('lena.vogt@example.com');
  await page.keyboard.press('Enter');
  await dialog
    .getByRole('alert')
    .getByText(/expected/)
    .waitFor();
  await fits(page, 'link');

  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('email:lena.vogt@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Told us on the phone.');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  await page.locator('#identity', { hasText: 'Told us on the phone.' }).waitFor();
  const asked = ['userId:link-17', 'email:lena.vogt@example.com'].map(async (identifier) => {
    const headers = { authorization: `Bearer ${platform.keys.agentApiKey}` };
    const answer = await fetch(`${platform.url}/customers?identifier=${identifier}`, { headers });
    const { customers } = (await answer.json()) as { customers: { customerId: string }[] };
    return customers.map(({ customerId }) => customerId);
  });
  const [byAccount, byAddress] = await Promise.all(asked);
  expect(byAccount).toHaveLength(1);
  expect(byAddress).toEqual(byAccount);
});

test('a new conversation is begun from there and opened, and what is refused stays with its reason', async () => {
  const unreachable = await known('write-1', { name: 'Nobody Near' });
  await unreachable.getByRole('button', { name: 'New conversation' }).click();
  await unreachable.getByLabel('Your message').fill('Minka is due.');
  await unreachable.keyboard.press('Tab');
  await unreachable.getByRole('button', { name: 'Send', exact: true }).click();
  await unreachable.getByText(/cannot be reached this way: no address or browser is known/).waitFor();
  expect(await unreachable.getByLabel('Your message').inputValue()).toBe('Minka is due.');
  await fits(unreachable, 'write');
  await unreachable.keyboard.press('Escape');
  await unreachable.getByRole('dialog').waitFor({ state: 'hidden' });

  const page = await known('write-2', { name: 'Jonas Reuter', email: 'jonas@example.com' });
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByLabel('Subject').fill('Vaccination');
  await page.getByLabel('Your message').fill('Rex is due for his vaccination.');
  await page.getByLabel('You are').fill('Dr. Ahrens');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.waitForURL('**/console/conversation?id=*');
  await page.locator('.message.ours .bubble', { hasText: 'Rex is due for his vaccination.' }).waitFor();
  await page.getByRole('link', { name: 'Jonas Reuter' }).waitFor();
});
