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
  const told = await playDemo(platform);
  registerConsole({ register: platform.registerLocalRoute, keys: platform.keys, told });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const lastWords = 'Shall I bring her vaccination card tomorrow?';

async function identify(userId: string, name: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}`;
  const answer = await fetch(`${platform.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify({ userId, messageId: `identify-${userId}`, traits: { name } }),
  });
  expect(answer.status).toBe(200);
  await platform.drain();
}

test('the start page tells the story with its times and leads to the ringing phone in one click', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/`);

  await page.getByText(/chat at \d\d:\d\d, signed in, called at \d\d:\d\d and mailed at \d\d:\d\d/).waitFor();
  await page.getByText(/Jonas Reuter called at \d\d:\d\d and was missed; a mail in his language/).waitFor();
  await page.getByRole('link', { name: /^The phone rings/ }).click();
  await page.getByRole('link', { name: 'Lena Vogt' }).waitFor();

  expect(complaints).toEqual([]);
});

test('the visitor’s page tells website, order, chat, call and mail as one timeline, each once, newest first', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/demo/visitor`);
  await page.getByRole('heading', { name: 'Lena Vogt' }).waitFor();

  const types = await page.locator('#timeline .type').allTextContents();
  const told = types.map((type) => type.split(' · ').slice(0, 2).join(' '));
  expect(told.filter((entry) => /^(message|call|order)\./.test(entry))).toEqual([
    'message.received email',
    'message.sent email',
    'message.received email',
    'call.ended voice',
    'call.answered voice',
    'call.started voice',
    'message.received web',
    'message.sent web',
    'message.received web',
    'order.completed web',
  ]);
  const aside = await page.locator('#aside').textContent();
  expect(aside).toContain(lastWords);
  expect(aside).toContain('we owe an answer');
  expect(aside).toContain('Renal diet for cats, 2 kg · €49.80');
  for (const identifier of ['cust-17', 'lena.vogt@example.com', '+493023125117']) expect(aside).toContain(identifier);
  expect(complaints).toEqual([]);
});

test('when the phone rings, who it is and where it ended stands there at once, in national spelling too', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/demo/ring?number=030%2023125%20117`);

  await page.getByRole('link', { name: 'Lena Vogt' }).waitFor();
  expect(await page.locator('#ended').textContent()).toContain(lastWords);
  await page.locator('#timeline').getByText('Call ended after 2 min').waitFor();
  await page.getByRole('button', { name: 'Jonas Reuter calls' }).click();
  await page.getByRole('link', { name: 'Jonas Reuter' }).waitFor();
  await page.getByLabel('Caller’s number').fill('040 7654321');
  await page.getByRole('button', { name: 'Ring', exact: true }).click();
  await page.getByText('Nobody we know').waitFor();
  expect(await page.locator('#context').isVisible()).toBe(false);

  await page.getByRole('button', { name: 'Lena Vogt calls' }).click();
  await page.getByRole('link', { name: 'Lena Vogt' }).click();
  await page.getByRole('heading', { name: 'Lena Vogt' }).waitFor();
  expect(complaints).toEqual([]);
});

test('the inbox lists who waits, longest first, and opens the conversation', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/console/inbox`);
  await page.locator('#conversations li').first().waitFor();

  const times = await page.locator('#conversations time').evaluateAll((all) => all.map((one) => one.dateTime));
  expect(times).toEqual(times.toSorted());
  const names = await page.locator('#conversations strong').allTextContents();
  expect(new Set(names)).toEqual(new Set(['Lena Vogt', 'Jonas Reuter']));
  await page.locator('#conversations a', { hasText: lastWords }).click();
  await page.getByRole('heading', { name: 'Lena Vogt' }).waitFor();
  await page.locator('.message.theirs .bubble', { hasText: lastWords }).waitFor();
  await page.getByRole('link', { name: 'Lena Vogt' }).click();
  await page.locator('#timeline li').first().waitFor();
  for (const [tab, words] of [
    ['Set aside', 'Nothing is set aside.'],
    ['Resolved', 'Nothing has been resolved yet.'],
  ] as const) {
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.getByRole('link', { name: tab }).click();
    await page.getByText(words).waitFor();
  }
  expect(complaints).toEqual([]);
});

test('a missed call, the German mail that followed and its delivery stand on the caller’s timeline', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/console/customer?identifier=phone:0171%203920044`);
  await page.getByRole('heading', { name: 'Jonas Reuter' }).waitFor();

  const types = await page.locator('#timeline .type').allTextContents();
  expect(
    types.map((type) => type.split(' · ')[0]).filter((type) => /^(call|message|email)\./.test(type ?? '')),
  ).toEqual(['email.delivered', 'message.sent', 'call.missed', 'call.started']);
  await page.getByRole('link', { name: 'As it lies in the mailbox' }).click();
  await page.frameLocator('iframe').getByText('Jonas Reuter').first().waitFor();
  expect(complaints).toEqual([]);
});

test('what a customer wrote is shown as text and never runs', async () => {
  const markup = '<img src=x onerror="document.title=\'ran\'"><script>document.title="ran"</script>';
  await identify('mallory', markup);

  const { page } = await browser.open(`${platform.url}/console/customer?identifier=userId:mallory`);
  await page.locator('#customer').waitFor();

  expect(await page.locator('#name').textContent()).toBe(markup);
  expect(await page.title()).toBe(`${markup} · Throughline`);
});

test('pages fit a phone without scrolling sideways', async () => {
  for (const path of ['/', '/demo/visitor', '/demo/ring', '/console/inbox', '/_local/mailbox']) {
    const { page } = await browser.open(platform.url + path);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow, path).toBe(0);
  }
});

test('an identifier that nobody has shows a sentence, not an empty page', async () => {
  const { page } = await browser.open(`${platform.url}/console/customer?identifier=userId:nobody`);

  await page.getByText('Nobody with this identifier has been here yet.').waitFor();
});

test('the API reference is styled under its own policy, fits a telephone and leads to an operation by keyboard', async () => {
  const { page, complaints } = await browser.open(`${platform.url}/docs`);
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await overflow()).toBe(0);
  }
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(new URL(page.url()).hash).toBe('#content');
  await page.getByRole('navigation').getByRole('link', { name: 'Lookup customer' }).click();
  await page.getByRole('heading', { name: /^Who calls/ }).waitFor();
  await page.getByText('curl "$api/lookup?number=030+23125+117"').waitFor();

  expect(complaints).toEqual([]);
});
