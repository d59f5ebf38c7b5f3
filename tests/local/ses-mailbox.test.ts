import { expect, test } from 'vitest';
import { mailboxRoutes } from '../../local/pages/mailbox.ts';
import type { LocalAnswer } from '../../local/ports.ts';
import { openOutbox } from '../../local/ses/outbox.ts';
import { temporaryDirectory } from './events-support.ts';

const outbox = openOutbox(`${temporaryDirectory()}/mail`);
const routes = mailboxRoutes(outbox);

async function get(path: string, query = '', accept = '*/*'): Promise<LocalAnswer & { text: string }> {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const found = pattern.exec(path);
    if (!found) continue;
    const parameters = { ...found.groups };
    const request = { method: 'GET', path, parameters, query: new URLSearchParams(query), headers: { accept } };
    const answer = await route.handle({ ...request, body: Buffer.alloc(0) });
    return { ...answer, text: String(answer.body) };
  }
  throw new Error(`no route for ${path}`);
}

async function send(id: string, to: string, lines: string[]): Promise<void> {
  const mail = { id, at: '2026-01-15T10:00:00.000Z', from: 'hello@practice.example', recipients: [to], tags: {} };
  await outbox.add(mail, Buffer.from(lines.join('\r\n')));
}

const attack = '<script>alert(1)</script>';

await send('first', 'lena@example.com', [
  'From: hello@practice.example',
  'Subject: Welcome',
  '',
  'Confirm: https://practice.example/confirm/abc?x=1&y=2',
]);
await send('second', 'rex@example.com', [
  `From: "${attack}" <hello@practice.example>`,
  `Subject: ${attack}`,
  'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  `Hello ${attack}`,
  '--b',
  'Content-Type: text/html',
  '',
  `<p onclick="alert(1)">Hello</p>${attack}`,
  '--b--',
]);

const html = 'text/html,application/xhtml+xml';

test('without a wish for a page the mailbox is JSON, newest first', async () => {
  const answer = await get('/_local/mailbox');
  expect(answer.headers?.['content-type']).toBe('application/json');
  expect(JSON.parse(answer.text)).toEqual({
    messages: [
      {
        id: 'second',
        at: '2026-01-15T10:00:00.000Z',
        from: 'hello@practice.example',
        to: ['rex@example.com'],
        subject: attack,
        text: `Hello ${attack}\n`,
        html: `<p onclick="alert(1)">Hello</p>${attack}\n`,
        raw: expect.stringContaining('multipart/alternative'),
      },
      {
        id: 'first',
        at: '2026-01-15T10:00:00.000Z',
        from: 'hello@practice.example',
        to: ['lena@example.com'],
        subject: 'Welcome',
        text: 'Confirm: https://practice.example/confirm/abc?x=1&y=2\n',
        html: null,
        raw: expect.stringContaining('Subject: Welcome'),
      },
    ],
  });
});

test('the list can be narrowed to an address and to the newest', async () => {
  const ids = async (query: string) =>
    (JSON.parse((await get('/_local/mailbox', query)).text) as { messages: { id: string }[] }).messages.map(
      ({ id }) => id,
    );
  expect(await ids('to=LENA@example.com')).toEqual(['first']);
  expect(await ids('limit=1')).toEqual(['second']);
});

test('a browser gets a page in which nothing of a mail is markup', async () => {
  const answer = await get('/_local/mailbox', '', html);
  expect(answer.headers?.['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.text).not.toContain('<script');
  expect(answer.text).not.toContain('onclick="');
  expect(answer.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(answer.text).toContain('<iframe src="/_local/mailbox/second/html" sandbox="allow-popups');
});

test('the page allows itself its own style and nothing from elsewhere', async () => {
  const policy = (await get('/_local/mailbox', '', html)).headers?.['content-security-policy'];
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
});

test('the HTML of a mail runs no script, also when opened by itself', async () => {
  const answer = await get('/_local/mailbox/second/html');
  expect(answer.text).toContain('<p onclick="alert(1)">Hello</p>');
  expect(answer.headers?.['content-security-policy']).toBe(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'",
  );
});

test('one mail has its page, its JSON and its source; web addresses in its text are links', async () => {
  const page = await get('/_local/mailbox/first', '', html);
  expect(page.text).toContain(
    '<a href="https://practice.example/confirm/abc?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">',
  );
  expect(JSON.parse((await get('/_local/mailbox/first')).text)).toMatchObject({ id: 'first', subject: 'Welcome' });
  const source = await get('/_local/mailbox/first/raw');
  expect(source.headers?.['content-type']).toBe('text/plain; charset=utf-8');
  expect(source.text).toMatch(/^From: hello@practice\.example\r\n/);
});

test('an unknown mail is not found', async () => {
  for (const path of ['/_local/mailbox/none', '/_local/mailbox/none/html', '/_local/mailbox/first/html']) {
    expect((await get(path)).status).toBe(404);
  }
});

test('an empty mailbox says what it is for', async () => {
  const [list] = mailboxRoutes(openOutbox(`${temporaryDirectory()}/mail`));
  const request = { method: 'GET', path: '', parameters: {}, query: new URLSearchParams(), body: Buffer.alloc(0) };
  const answer = await list?.handle({ ...request, headers: { accept: html } });
  expect(String(answer?.body)).toContain('No mail yet.');
});
