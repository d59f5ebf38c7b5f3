import { afterAll, beforeAll, expect, test } from 'vitest';
import { playDemo } from '../../local/demo/playDemo.ts';
import { registerConsole } from '../../local/pages/registerConsole.ts';
import type { Platform } from '../../local/platform.ts';
import { startTestPlatform } from '../support/platform.ts';
import { openBrowser, type TestBrowser } from './openBrowser.ts';

let platform: Platform;
let browser: TestBrowser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startTestPlatform(), openBrowser()]);
  await playDemo(platform);
  registerConsole({ register: platform.registerLocalRoute, keys: platform.keys, hasDemo: true });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

test('the start page says what happened and leads to the visitor in one click', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/`);

  await page.getByRole('link', { name: 'Lena Vogt’s timeline' }).click();
  await page.getByRole('heading', { name: 'Lena Vogt' }).waitFor();

  expect(complaints).toEqual([]);
});

test('the visitor’s page tells her afternoon newest first, every step once, and where it ended', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/demo/visitor`);
  await page.getByRole('heading', { name: 'Lena Vogt' }).waitFor();

  const types = await page.locator('#timeline .type').allTextContents();
  expect(types.map((type) => type.split(' · ')[0])).toEqual([
    'page.viewed',
    'message.received',
    'message.sent',
    'message.received',
    'customer.identified',
    'page.viewed',
    'order.completed',
    'customer.identified',
    'event.tracked',
    'page.viewed',
    'event.tracked',
    'page.viewed',
    'page.viewed',
  ]);
  const aside = await page.locator('#aside').textContent();
  expect(aside).toContain('Tomorrow 9:20 works, thank you! Does she have to be fasting?');
  expect(aside).toContain('we owe an answer');
  expect(aside).toContain('Renal diet for cats, 2 kg · €49.80');
  expect(complaints).toEqual([]);
});

test('what a customer wrote is shown as text and never runs', async () => {
  const key = `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}`;
  const markup = '<img src=x onerror="document.title=\'ran\'"><script>document.title="ran"</script>';
  const answer = await fetch(`${platform.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization: key },
    body: JSON.stringify({ userId: 'mallory', messageId: 'm-1', traits: { name: markup } }),
  });
  expect(answer.status).toBe(200);
  await platform.drain();

  const { page } = await browser.open(`${platform.url}/console/customer?identifier=userId:mallory`);
  await page.locator('#customer').waitFor();

  expect(await page.locator('#name').textContent()).toBe(markup);
  expect(await page.title()).toBe(`${markup} · Throughline`);
});

test('pages fit a phone without scrolling sideways', async () => {
  for (const path of ['/', '/demo/visitor']) {
    const { page } = await browser.open(platform.url + path);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.locator('h1').first().waitFor();
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow, path).toBe(0);
  }
});

test('an identifier that nobody has shows a sentence, not an empty page', async () => {
  const { page } = await browser.open(`${platform.url}/console/customer?identifier=userId:nobody`);

  await page.getByText('Nobody with this identifier has been here yet.').waitFor();
});
