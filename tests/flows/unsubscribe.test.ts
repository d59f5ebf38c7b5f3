import type { Context } from 'aws-lambda';
import { afterAll, describe, expect, test } from 'vitest';
import { createManagePreferencesHandlers } from '../../functions/manage-preferences/handler.ts';
import { createFaults } from '../../local/aws/createFaults.ts';
import { startGateway } from '../../local/gateway/startGateway.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { createUnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { createSessionTokens } from '../../shared/widget/sessionToken.ts';
import { type Caller, startFollowUpPractice } from '../support/followUps.ts';

const practice = await startFollowUpPractice();
const url = await serve();
const browser = { accept: 'text/html,application/xhtml+xml' };

/** The link in the mail that a caller got. */
async function linkOf({ email }: Caller): Promise<string> {
  const mails = await practice.mailsTo(email);
  const [, path = ''] =
    /^List-Unsubscribe: <https:\/\/api\.lindenhof\.example(\/\S+)>/m.exec(mails[0]?.raw ?? '') ?? [];
  return url + path;
}

async function mailed() {
  const one = await practice.caller({ name: 'Jonas Reuter', language: 'de' });
  await practice.deliver(one.command);
  return { one, link: await linkOf(one) };
}

const onTimeline = async ({ emailLeaf }: Caller, type: string) =>
  (await practice.timelineOf(emailLeaf)).filter((interaction) => interaction.type === type);

/** The next missed call's reason for no mail, if there is one. */
async function nextReason(one: Caller): Promise<unknown> {
  practice.advance(5 * 60 * 60_000);
  await practice.deliver(await practice.missAnotherCall(one));
  return (await onTimeline(one, 'follow-up.suppressed')).at(-1)?.properties.reason;
}

const oneClick: [string, () => RequestInit][] = [
  ['a form', () => ({ body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })],
  [
    'multipart',
    () => {
      const body = new FormData();
      body.set('List-Unsubscribe', 'One-Click');
      return { body };
    },
  ],
  ['nothing at all', () => ({})],
];

describe('POST /unsubscribe/{token}', () => {
  test.each(oneClick)(
    'by one click, sent as %s, stops the next follow-up and says so on the timeline',
    async (_, request) => {
      const { link, one } = await mailed();
      const answer = await fetch(link, { method: 'POST', redirect: 'error', ...request() });
      expect(answer.status).toBe(200);
      expect(await onTimeline(one, 'consent.withdrawn')).toMatchObject([
        {
          channel: 'email',
          direction: 'inbound',
          trust: 'proven',
          source: 'platform',
          properties: { purpose: 'service-recovery', evidence: 'unsubscribe-link' },
        },
      ]);
      expect(await nextReason(one)).toBe('unsubscribed');
      expect(await practice.mailsTo(one.email)).toHaveLength(1);
    },
  );

  test('five times at once is one objection; days later it is one more, with its own time', async () => {
    const { link, one } = await mailed();
    await Promise.all(Array.from({ length: 5 }, () => fetch(link, { method: 'POST' })));
    expect(await onTimeline(one, 'consent.withdrawn')).toHaveLength(1);
    practice.advance(3 * 24 * 60 * 60_000);
    await fetch(link, { method: 'POST' });
    expect(await onTimeline(one, 'consent.withdrawn')).toHaveLength(2);
    const { ledger } = await practice.ledgers.read(one.emailLeaf);
    expect(ledger.unsubscribed).toEqual({ 'service-recovery': practice.clock() });
  });

  test('works years later: a link in a mail does not expire', async () => {
    const { link, one } = await mailed();
    practice.advance(5 * 365 * 24 * 60 * 60_000);
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    expect(await nextReason(one)).toBe('unsubscribed');
  });

  test('thanks in the language of the mail, loads nothing and cannot be framed', async () => {
    const { link } = await mailed();
    const answer = await fetch(link, { method: 'POST', headers: browser });
    const page = await answer.text();
    expect(page).toContain('<html lang="de">');
    expect(page).toContain('schickt Ihnen keine E-Mails nach verpassten Anrufen mehr.');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

describe('who unsubscribed', () => {
  const agreeing = () => ({ method: 'POST', headers: browser, body: new URLSearchParams({ decision: 'granted' }) });

  test('may subscribe again on the page that says so, by the same link, and is written to again', async () => {
    const { link, one } = await mailed();
    const withdrawn = await (await fetch(link, { method: 'POST', headers: browser })).text();
    expect(withdrawn).toContain(
      'Ich möchte wieder E-Mails nach verpassten Anrufen von Tierarztpraxis Lindenhof bekommen.',
    );
    expect(withdrawn).toContain('<input type="hidden" name="decision" value="granted">');
    expect(await nextReason(one)).toBe('unsubscribed');

    const answer = await fetch(link, agreeing());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('darf Ihnen wieder E-Mails nach verpassten Anrufen schicken.');
    expect(await onTimeline(one, 'consent.granted')).toMatchObject([
      {
        occurredAt: new Date(practice.clock()).toISOString(),
        channel: 'email',
        direction: 'inbound',
        trust: 'proven',
        properties: {
          purpose: 'service-recovery',
          evidence: 'unsubscribe-link',
          shown: 'Ich möchte wieder E-Mails nach verpassten Anrufen von Tierarztpraxis Lindenhof bekommen.',
        },
      },
    ]);
    practice.advance(5 * 60 * 60_000);
    await practice.deliver(await practice.missAnotherCall(one));
    expect(await practice.mailsTo(one.email)).toHaveLength(2);
  });

  test('subscribes again once, however often the form comes, and can unsubscribe again', async () => {
    const { link, one } = await mailed();
    await fetch(link, { method: 'POST' });
    practice.advance(60_000);
    await Promise.all(Array.from({ length: 3 }, () => fetch(link, agreeing())));
    expect(await onTimeline(one, 'consent.granted')).toHaveLength(1);
    practice.advance(60_000);
    await fetch(link, { method: 'POST' });
    expect(await nextReason(one)).toBe('unsubscribed');
    expect(await onTimeline(one, 'consent.withdrawn')).toHaveLength(2);
  });

  test('is told what holds where both were decided at the same moment: the objection', async () => {
    const { link, one } = await mailed();
    await fetch(link, { method: 'POST' });
    expect(await (await fetch(link, agreeing())).text()).toContain(
      'schickt Ihnen keine E-Mails nach verpassten Anrufen',
    );
    expect(await nextReason(one)).toBe('unsubscribed');
  });

  test.each([
    [
      'a mail program’s one click with more in it',
      new URLSearchParams({ 'List-Unsubscribe': 'One-Click', decision: 'granted ' }),
    ],
    ['another word', new URLSearchParams({ decision: 'yes' })],
    ['JSON', '{"decision":"granted"}'],
  ])('does not agree by %s', async (_, body) => {
    const { link, one } = await mailed();
    await fetch(link, { method: 'POST', body });
    expect(await onTimeline(one, 'consent.granted')).toEqual([]);
    expect(await onTimeline(one, 'consent.withdrawn')).toHaveLength(1);
  });

  test('blocks the next mail on the record: for what, and when it was that they objected', async () => {
    const { link, one } = await mailed();
    await fetch(link, { method: 'POST' });
    const objectedAt = new Date(practice.clock()).toISOString();
    await nextReason(one);
    const [suppressed] = await onTimeline(one, 'follow-up.suppressed');
    expect(suppressed?.properties).toMatchObject({ reason: 'unsubscribed', purpose: 'service-recovery', objectedAt });
    for (const line of practice.logged) expect(line).not.toContain(one.email);
  });
});

describe('GET /unsubscribe/{token}', () => {
  test('changes nothing, however often a scanner follows it', async () => {
    const { link, one } = await mailed();
    const before = await practice.ledgers.read(one.emailLeaf);
    for (let time = 0; time < 3; time++) expect((await fetch(link)).status).toBe(200);
    expect(await practice.ledgers.read(one.emailLeaf)).toEqual(before);
    expect(await onTimeline(one, 'consent.withdrawn')).toEqual([]);
    expect(await nextReason(one)).toBeUndefined();
    expect(await practice.mailsTo(one.email)).toHaveLength(2);
  });

  test('asks with a button that posts to the same address, and shows nobody’s address', async () => {
    const { link, one } = await mailed();
    const page = await (await fetch(link, { headers: browser })).text();
    expect(page).toContain('<form method="post"><button type="submit">Abbestellen</button></form>');
    expect(page).not.toContain(one.email);
    expect(page).not.toContain('Jonas');
  });
});

describe('a link', () => {
  test('holds no address', async () => {
    const { link, one } = await mailed();
    const [, payload = ''] = link.slice(link.lastIndexOf('/')).split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).toEqual({
      aud: 'unsubscribe',
      sub: one.emailLeaf,
      purpose: 'service-recovery',
      language: 'de',
    });
  });

  const forged = createUnsubscribeTokens([{ kid: 'march', secret: 'another-secret-of-thirty-two-bytes' }]);
  const session = createSessionTokens(
    [{ kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' }],
    practice.clock,
  );
  const objection = { address: 'a'.repeat(22), purpose: 'service-recovery', language: 'de' } as const;
  test.each<[string, () => Promise<string>]>([
    ['that is forged', () => forged.issue(objection)],
    ['that is a widget’s session', async () => (await session.issue({ source: 'w', anonymousId: 'a' })).token],
    ['that is cut off', async () => (await practice.tokens.issue(objection)).slice(0, -4)],
    ['that is nonsense', async () => 'nonsense'],
  ])('%s is refused with 400: a page for people, a problem for programs', async (_, issue) => {
    const link = `${url}/unsubscribe/${await issue()}`;
    for (const method of ['GET', 'POST']) {
      const page = await fetch(link, { method, headers: browser });
      expect(page.status).toBe(400);
      expect(await page.text()).toContain('Der Link ist unvollständig.');
      const problem = await fetch(link, { method });
      expect(problem.status).toBe(400);
      expect(problem.headers.get('content-type')).toBe('application/problem+json');
      expect(await problem.json()).toMatchObject({ detail: 'This link is damaged or was not made by us.' });
    }
    expect((await practice.ledgers.read(objection.address)).version).toBe(0);
  });

  test('signed by an old key is good as long as the key is in the list', async () => {
    const old = { kid: 'old', secret: 'an-old-secret-of-at-least-thirty-two-bytes' };
    const rotated = createUnsubscribeTokens([{ kid: 'new', secret: 'a-new-secret-of-at-least-thirty-two-bytes' }, old]);
    expect(await rotated.verify(await createUnsubscribeTokens([old]).issue(objection))).toEqual(objection);
  });
});

async function serve(): Promise<string> {
  const { clock, ledgers, timeline, tokens } = practice;
  const manage = httpFunction({
    name: 'manage-preferences',
    operations,
    handlers: createManagePreferencesHandlers({
      tokens,
      ledgers,
      timeline,
      newId: () => 'made-id',
      company: 'Tierarztpraxis Lindenhof',
    }),
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined, count: () => undefined },
  });
  const gateway = await startGateway({
    port: 0,
    now: clock,
    log: () => undefined,
    fault: createFaults().forRequest,
  });
  afterAll(() => gateway.stop());
  gateway.serve(
    operations
      .filter((operation) => operation.function === 'manage-preferences')
      .map(({ method, path }) => ({ routeKey: `${method} ${path}`, functionId: 'manage-preferences' })),
    async (_, event) => ({ ok: true, payload: await manage(event as never, {} as Context) }),
  );
  return `http://127.0.0.1:${gateway.port}`;
}
