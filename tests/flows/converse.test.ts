import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import {
  identitySecret,
  keys,
  type PracticeApi,
  startPracticeApi,
  tokenKey,
  websiteOrigin,
} from '../support/practiceApi.ts';

let api: PracticeApi;
beforeAll(async () => {
  api = await startPracticeApi();
});

let browsers = 0;
/** A browser that nobody used before. */
const newBrowser = () => `browser-${++browsers}`;
const byKey = (key: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...more });
const hashOf = (userId: string) => createHmac('sha256', identitySecret).update(userId).digest('hex');
const openSession = async (anonymousId: string, more: Record<string, unknown> = {}) => {
  const answer = await api.call('POST /widget/session', {
    headers: byKey(keys.website),
    body: { anonymousId, ...more },
  });
  expect(answer.status).toBe(201);
  return byKey(answer.body.token);
};
const write = (headers: Record<string, string>, text: string, more: Record<string, unknown> = {}) =>
  api.call('POST /widget/messages', {
    headers,
    body: { messageId: `id of ${text}`, text, sentAt: '2026-03-02T09:00:00Z', ...more },
  });
const stored = async (anonymousId: string): Promise<Interaction[]> => {
  const leaf = api.leafOf({ type: 'anonymousId', value: anonymousId });
  const page = await readTimeline(api.timeline, { leaves: [leaf], limit: 100 });
  return page?.interactions ?? [];
};

describe('POST /widget/session', () => {
  it('opens a session of twelve hours with the browser key', async () => {
    const answer = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: newBrowser() },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresAt: '2026-03-02T21:00:00.000Z',
    });
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['as Basic user', { authorization: `Basic ${btoa(`${keys.website}:`)}` }, {}],
    ['as Bearer', byKey(keys.website), {}],
    ['as X-Api-Key', { 'x-api-key': keys.website }, {}],
    ['in the body', {}, { writeKey: keys.website }],
  ])('takes the key %s', async (_, headers, body) => {
    const answer = await api.call('POST /widget/session', { headers, body: { anonymousId: newBrowser(), ...body } });
    expect(answer.status).toBe(201);
  });

  it('stores nothing where nothing is stated', async () => {
    const browser = newBrowser();
    await openSession(browser);
    expect(await stored(browser)).toEqual([]);
  });

  it('keeps a proven user id as proven and what was typed beside it as claimed', async () => {
    const browser = newBrowser();
    const claims = { email: 'lena.vogt@example.com', phone: '+49 711 5550100', name: 'Lena Vogt' };
    await openSession(browser, { userId: 'client-17', userHash: hashOf('client-17'), claims, language: 'de' });
    expect(await stored(browser)).toMatchObject([
      {
        type: 'customer.identified',
        occurredAt: '2026-03-02T09:00:00.000Z',
        channel: 'web',
        direction: 'inbound',
        source: 'website',
        touchpoint: 'widget',
        trust: 'proven',
        identifiers: [
          { type: 'anonymousId', value: browser, trust: 'claimed' },
          { type: 'userId', value: 'client-17', trust: 'proven' },
          { type: 'email', value: 'lena.vogt@example.com', trust: 'claimed' },
          { type: 'phone', value: '+497115550100', trust: 'claimed' },
        ],
        properties: {
          traits: { email: 'lena.vogt@example.com', phone: '+49 711 5550100', name: 'Lena Vogt', language: 'de' },
        },
      },
    ]);
  });

  it('only claims a user id that is not signed', async () => {
    const browser = newBrowser();
    await openSession(browser, { userId: 'client-17' });
    const [identified] = await stored(browser);
    expect(identified?.trust).toBe('claimed');
    expect(identified?.identifiers[1]).toEqual({ type: 'userId', value: 'client-17', trust: 'claimed' });
  });

  it.each([
    ['wrong', hashOf('client-18')],
    ['malformed', 'proof'],
    ['empty', ''],
  ])('refuses a user id with a %s hash and stores nothing', async (_, userHash) => {
    const browser = newBrowser();
    const answer = await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: browser, userId: 'client-17', userHash, claims: { name: 'Lena Vogt' } },
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({
      type: 'urn:throughline:problem:forbidden',
      detail: 'The userHash does not prove this userId.',
    });
    expect(answer.body).not.toHaveProperty('token');
    expect(await stored(browser)).toEqual([]);
  });

  it('refuses a hash at a source that has no identity secret', async () => {
    const answer = await api.call('POST /widget/session', {
      headers: byKey(keys.intranet),
      body: { anonymousId: newBrowser(), userId: 'client-17', userHash: hashOf('client-17') },
    });
    expect(answer.status).toBe(403);
  });

  it('stores one statement however often the session is opened, also five times at once', async () => {
    const browser = newBrowser();
    const request = { userId: 'client-17', userHash: hashOf('client-17'), language: 'de' };
    await Promise.all(Array.from({ length: 5 }, () => openSession(browser, request)));
    await openSession(browser, request);
    expect(await stored(browser)).toHaveLength(1);
  });

  it('stores a second statement when it differs', async () => {
    const browser = newBrowser();
    await openSession(browser, { claims: { name: 'Lena' } });
    await openSession(browser, { claims: { name: 'Lena Vogt' } });
    expect(await stored(browser)).toHaveLength(2);
  });

  it.each([
    ['no key', {}, 401],
    ['an unknown key', byKey('tl_browser_guessed'), 401],
    ['a server key', byKey(keys.server), 403],
    ['an agent key', byKey(keys.reception), 403],
    ['a lookup key', byKey(keys.lookup), 403],
  ])('refuses %s', async (_, headers, status) => {
    const answer = await api.call('POST /widget/session', { headers, body: { anonymousId: newBrowser() } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it.each<[string, unknown, string[]]>([
    ['no JSON', 'anonymousId=b7a1', ['']],
    ['no body', undefined, ['']],
    ['a list', [], ['']],
    ['no anonymousId', {}, ['anonymousId']],
    ['an anonymousId of another type', { anonymousId: 17 }, ['anonymousId']],
    ['an anonymousId that many browsers would share', { anonymousId: 'null' }, ['anonymousId']],
    ['claims that are none', { anonymousId: 'b7a1', claims: { email: 'lena' } }, ['claims.email']],
    ['an oversize id', { anonymousId: 'x'.repeat(513) }, ['anonymousId']],
  ])('answers 400 with the path of the fault for %s', async (_, body, paths) => {
    const answer = await api.call('POST /widget/session', { headers: byKey(keys.website), body });
    expect(answer.status).toBe(400);
    expect(answer.body.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
  });
});

describe('POST /widget/messages', () => {
  it('stores the message on the leaf of the browser at the time it was sent', async () => {
    const browser = newBrowser();
    const session = await openSession(browser);
    const answer = await write(session, 'Minka limps since this morning.', {
      messageId: 'm-1',
      sentAt: '2026-03-02T09:58:00+01:00',
    });
    expect(answer.status).toBe(201);
    const [message] = await stored(browser);
    expect(answer.body).toEqual({ id: message?.id });
    expect(message).toMatchObject({
      type: 'message.received',
      occurredAt: '2026-03-02T08:58:00.000Z',
      receivedAt: '2026-03-02T09:00:00.000Z',
      channel: 'web',
      direction: 'inbound',
      source: 'website',
      touchpoint: 'widget',
      trust: 'claimed',
      identifiers: [{ type: 'anonymousId', value: browser, trust: 'claimed' }],
      text: 'Minka limps since this morning.',
    });
  });

  it('costs one write unit and no read', async () => {
    const session = await openSession(newBrowser());
    api.table.reset();
    await write(session, 'Minka limps.');
    expect(api.table.calls).toEqual([{ command: 'PutItemCommand', readUnits: 0, writeUnits: 1 }]);
  });

  it('carries the proof of the session', async () => {
    const browser = newBrowser();
    await write(await openSession(browser, { userId: 'client-17', userHash: hashOf('client-17') }), 'Minka limps.');
    const message = (await stored(browser)).find(({ type }) => type === 'message.received');
    expect(message?.trust).toBe('proven');
    expect(message?.identifiers).toContainEqual({ type: 'userId', value: 'client-17', trust: 'proven' });
  });

  it('stores a message once and answers the same id, however often it is sent, also at once and in a later session', async () => {
    const browser = newBrowser();
    const session = await openSession(browser);
    const first = await write(session, 'Minka limps.');
    const others = await Promise.all(Array.from({ length: 5 }, () => write(session, 'Minka limps.')));
    const later = await write(await openSession(browser, { userId: 'client-17' }), 'Minka limps.');
    for (const answer of [...others, later]) {
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual(first.body);
    }
    expect((await stored(browser)).filter(({ type }) => type === 'message.received')).toHaveLength(1);
  });

  it('keeps the first text where the same message comes with another one', async () => {
    const browser = newBrowser();
    const session = await openSession(browser);
    const first = await write(session, 'Minka limps.', { messageId: 'm-1' });
    const second = await write(session, 'Minka flies.', { messageId: 'm-1' });
    expect(second.body).toEqual(first.body);
    expect((await stored(browser)).map(({ text }) => text)).toEqual(['Minka limps.']);
  });

  it('keeps messages of two browsers apart though their ids are equal', async () => {
    const [one, other] = [newBrowser(), newBrowser()];
    const first = await write(await openSession(one), 'Minka limps.', { messageId: 'm-1' });
    const second = await write(await openSession(other), 'Rex coughs.', { messageId: 'm-1' });
    expect(second.body.id).not.toBe(first.body.id);
    expect((await stored(one)).map(({ text }) => text)).toEqual(['Minka limps.']);
    expect((await stored(other)).map(({ text }) => text)).toEqual(['Rex coughs.']);
  });

  it('corrects a clock that runs ahead, and still recognises the retry', async () => {
    const browser = newBrowser();
    const session = await openSession(browser);
    const first = await write(session, 'Minka limps.', { sentAt: '2031-01-01T00:00:00Z' });
    const again = await write(session, 'Minka limps.', { sentAt: '2031-01-01T00:00:00Z' });
    expect(again.body).toEqual(first.body);
    expect((await stored(browser)).map(({ occurredAt }) => occurredAt)).toEqual(['2026-03-02T09:00:00.000Z']);
  });

  it.each<[string, unknown, string[]]>([
    ['no JSON', '{"text":', ['']],
    ['nothing in it', {}, ['messageId', 'text', 'sentAt']],
    ['an empty text', { messageId: 'm-1', text: '  ', sentAt: '2026-03-02T09:00:00Z' }, ['text']],
    ['an oversize text', { messageId: 'm-1', text: 'x'.repeat(10_001), sentAt: '2026-03-02T09:00:00Z' }, ['text']],
    ['an absurd time', { messageId: 'm-1', text: 'Minka', sentAt: '0001-01-01T00:00:00Z' }, ['sentAt']],
    ['an oversize id', { messageId: 'x'.repeat(101), text: 'Minka', sentAt: '2026-03-02T09:00:00Z' }, ['messageId']],
  ])('answers 400 with the path of the fault for %s', async (_, body, paths) => {
    const answer = await api.call('POST /widget/messages', { headers: await openSession(newBrowser()), body });
    expect(answer.status).toBe(400);
    expect(answer.body.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  it('answers 413 for a body beyond four megabytes', async () => {
    const answer = await write(await openSession(newBrowser()), 'x'.repeat(4 * 1024 * 1024));
    expect(answer.status).toBe(413);
  });
});

describe.each(['POST /widget/messages', 'GET /widget/messages'])('%s', (operation) => {
  const attempt = (headers: Record<string, string>) =>
    api.call(operation, {
      headers,
      ...(operation.startsWith('POST')
        ? { body: { messageId: 'm-1', text: 'Minka', sentAt: '2026-03-02T09:00:00Z' } }
        : {}),
    });
  const signed = (payload: Record<string, unknown>, secret: string) =>
    new SignJWT({
      aud: 'widget',
      exp: Date.UTC(2026, 2, 3) / 1000,
      source: 'website',
      anonymousId: 'browser-1',
      ...payload,
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'widget-session+jwt', kid: tokenKey.kid })
      .sign(Buffer.from(secret));

  it.each([
    ['no token', async () => ({})],
    ['a forged token', async () => byKey(await signed({}, 'a-guess-of-at-least-thirty-two-bytes'))],
    [
      'a token of a source that was removed',
      async () => byKey(await signed({ source: 'old-website' }, tokenKey.secret)),
    ],
    [
      'a token of a source that may not converse',
      async () => byKey(await signed({ source: 'practice-server' }, tokenKey.secret)),
    ],
    ['the write key', async () => byKey(keys.website)],
    ['an agent key', async () => byKey(keys.reception)],
    ['a token by another header', async () => ({ 'x-api-key': await signed({}, tokenKey.secret) })],
  ])('refuses %s', async (_, headers) => {
    const answer = await attempt(await headers());
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses a session after twelve hours', async () => {
    const browser = newBrowser();
    const expired = byKey(await signed({ anonymousId: browser, exp: Date.UTC(2026, 2, 2, 9) / 1000 }, tokenKey.secret));
    const answer = await attempt(expired);
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toBe('The session has expired; open a new one.');
    expect(await stored(browser)).toEqual([]);
  });

  it('refuses pages of other origins', async () => {
    const session = await openSession(newBrowser());
    expect((await attempt({ ...session, origin: 'https://evil.example' })).status).toBe(403);
    expect((await attempt({ ...session, origin: 'https://intranet.vet.example' })).status).toBe(403);
    expect((await attempt({ ...session, origin: websiteOrigin })).status).toBeLessThan(300);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    api.call('OPTIONS /widget/messages', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it('may use the widget where its origin is allowed: preflight, answer and error say so', async () => {
    const asked = await preflight(websiteOrigin);
    expect(asked.status).toBe(204);
    expect(asked.text).toBe('');
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': 'https://vet.example',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, x-api-key, x-retry-count',
      vary: 'origin',
    });
    const opened = await api.call('POST /widget/session', {
      headers: byKey(keys.website, { origin: websiteOrigin }),
      body: { anonymousId: newBrowser() },
    });
    expect(opened.headers.get('access-control-allow-origin')).toBe('https://vet.example');
    const refused = await api.call('GET /widget/messages', { headers: { origin: websiteOrigin } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://vet.example');
  });

  it('learns nothing where no source allows it', async () => {
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const browser = newBrowser();
    const answer = await api.call('POST /widget/session', {
      headers: byKey(keys.website, { origin: 'https://evil.example' }),
      body: { anonymousId: browser, claims: { name: 'Lena Vogt' } },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(await stored(browser)).toEqual([]);
  });
});

describe('an error', () => {
  it('repeats nothing that the caller sent and shows no inner workings', async () => {
    const secrets = {
      userId: 'client-4711',
      userHash: 'f00d'.repeat(16),
      claims: { email: 'not an address of lena.vogt', name: 'Lena Vogt' },
    };
    const answers = [
      await api.call('POST /widget/session', {
        headers: byKey(keys.website),
        body: { anonymousId: 'anonymous', ...secrets },
      }),
      await api.call('POST /widget/session', {
        headers: byKey(keys.website),
        body: { anonymousId: newBrowser(), ...secrets, claims: {} },
      }),
      await api.call('POST /widget/messages', { headers: byKey('lena.vogt'), body: secrets }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 403, 401]);
    for (const { text } of answers) expect(text).not.toMatch(/vogt|4711|f00d|\.ts|at \w+ \(/i);
  });

  it('of the store answers 5xx without saying what it was', async () => {
    const session = await openSession(newBrowser());
    const append = api.timeline.append;
    api.timeline.append = async () => {
      throw new Error('the table of Lena Vogt is on fire');
    };
    const answer = await write(session, 'Minka limps.');
    api.timeline.append = append;
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('Vogt');
  });

  it('and every answer leave no personal data in the log', () => {
    expect(api.logged.length).toBeGreaterThan(10);
    expect(api.logged.join('\n')).not.toMatch(/vogt|lena|minka|client-17|browser-\d/i);
  });
});
