import { describe, expect, test } from 'vitest';
import type { Mailer } from '../../shared/follow-up/mailer.ts';
import { emptyLedger } from '../../shared/follow-up/sendLedger.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { type Caller, startFollowUpPractice } from '../support/followUps.ts';
import { link, unlink } from '../support/identityTrees.ts';

const practice = await startFollowUpPractice();
const { caller, deliver, mailsTo, timelineOf } = practice;
const minuteMs = 60_000;

const typesOn = async (leaf: string) => (await timelineOf(leaf)).map(({ type }) => type);
const reasonsOn = async (leaf: string) =>
  (await timelineOf(leaf))
    .filter(({ type }) => type === 'follow-up.suppressed')
    .map(({ properties }) => properties.reason);

async function during<T>(mailer: Mailer, work: () => Promise<T>): Promise<T> {
  practice.mailer.current = mailer;
  try {
    return await work();
  } finally {
    practice.mailer.current = practice.mailer.real;
  }
}

/** Sends, and loses the answer. */
const losingAnswers: Mailer = {
  send: async (mail) => {
    await practice.mailer.real.send(mail);
    return { kind: 'unclear', cause: new Error('socket hang up') };
  },
};
/** Never reaches the mail service. */
const losingRequests: Mailer = { send: async () => ({ kind: 'unclear', cause: new Error('socket hang up') }) };

describe('a missed call', () => {
  test('brings one mail in the language of the customer, which stands on the timeline', async () => {
    const jonas = await caller({ name: 'Jonas Reuter', language: 'de' });
    expect(await deliver(jonas.command)).toBe('done');
    const [mail, ...more] = await mailsTo(jonas.email);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Wir haben Ihren Anruf verpasst');
    expect(mail?.text).toContain('Guten Tag Jonas Reuter,');
    expect(mail?.text).toContain('am 2. März um 10:42 Uhr');
    expect(mail?.text).toContain('+49 30 23125000');
    expect(mail?.html).toContain('<html lang="de"');
    const [sent, ...others] = await timelineOf(jonas.emailLeaf);
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      type: 'message.sent',
      occurredAt: '2026-03-02T09:42:00.000Z',
      channel: 'email',
      direction: 'outbound',
      source: 'platform',
      trust: 'asserted',
      identifiers: [{ type: 'email', value: jonas.email, trust: 'asserted' }],
      properties: {
        playbook: 'missed-call',
        step: 'apologise',
        occasion: jonas.command.occasion,
        inReplyTo: jonas.command.occasion,
        automatic: true,
        mailId: mail?.id,
        subject: 'Wir haben Ihren Anruf verpasst',
      },
    });
    expect(sent?.text).not.toContain('unsubscribe');
  });

  test('brings an English mail to who speaks English, at the times of the own zone', async () => {
    const lena = await caller({ name: 'Lena Vogt', language: 'en-GB', timeZone: 'Europe/London' });
    await deliver(lena.command);
    const [mail] = await mailsTo(lena.email);
    expect(mail?.subject).toBe('We missed your call');
    expect(mail?.text).toContain('Hello Lena Vogt,');
    expect(mail?.text).toContain('on 2 March at 09:42');
  });

  test('brings a mail in the default language to who speaks another or none that is known', async () => {
    for (const language of ['pl', undefined]) {
      const one = await caller(language === undefined ? {} : { language });
      await deliver(one.command);
      expect((await mailsTo(one.email)).map(({ subject }) => subject)).toEqual(['Wir haben Ihren Anruf verpasst']);
    }
  });

  test('brings a mail that can be answered, unsubscribed by one click, and is not answered by machines', async () => {
    const one = await caller();
    await deliver(one.command);
    const [mail] = await mailsTo(one.email);
    const [sent] = await timelineOf(one.emailLeaf);
    const headers = headersOf(mail?.raw ?? '');
    expect(headers['auto-submitted']).toBe('auto-generated');
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    expect(headers['reply-to']).toBe('praxis@inbound.lindenhof.example');
    expect(headers.from).toBe('Tierarztpraxis Lindenhof <praxis@lindenhof.example>');
    expect(headers.references).toBe(`<${sent?.id}@lindenhof.example>`);
    const [, token = ''] =
      /^<https:\/\/api\.lindenhof\.example\/unsubscribe\/(\S+)>$/.exec(headers['list-unsubscribe'] ?? '') ?? [];
    expect(await practice.tokens.verify(token)).toEqual({
      address: one.emailLeaf,
      purpose: 'service-recovery',
      language: 'de',
    });
    expect(mail?.text).toContain(`/unsubscribe/${token}`);
  });

  test('shows no markup that a customer called themselves', async () => {
    const one = await caller({ name: '<img src=x onerror=alert(1)>', language: 'en' });
    await deliver(one.command);
    const [mail] = await mailsTo(one.email);
    expect(mail?.html).toContain('Hello &lt;img src=x onerror=alert(1)&gt;,');
    expect(mail?.html).not.toContain('<img');
  });

  test('costs, besides reading the customer and the occasion, one read unit and three writes of one unit each', async () => {
    const one = await caller();
    practice.table.reset();
    await deliver(one.command);
    const [sent] = await timelineOf(one.emailLeaf);
    const calls = practice.table.calls.map(({ command, readUnits, writeUnits }) => [command, readUnits, writeUnits]);
    expect(calls.filter(([command]) => command === 'GetItemCommand')).toEqual([['GetItemCommand', 1, 0]]);
    const writes = calls.filter(([command]) => command === 'PutItemCommand');
    // The fixed address, the claim and the mail on the timeline, whose text makes it longer.
    expect(writes.map(([, , units]) => units)).toEqual([1, 1, expect.any(Number)]);
    expect(sent?.type).toBe('message.sent');
  });
});

describe('a command that comes again', () => {
  test('five times at once sends one mail', async () => {
    const one = await caller();
    await Promise.all(Array.from({ length: 5 }, () => deliver(one.command)));
    expect(await mailsTo(one.email)).toHaveLength(1);
    practice.advance(20 * minuteMs);
    for (let time = 0; time < 3; time++) expect(await deliver(one.command)).toBe('done');
    expect(await mailsTo(one.email)).toHaveLength(1);
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent']);
  });

  test('goes to the address that was chosen first, though a better one is known since', async () => {
    const one = await caller();
    await deliver(one.command);
    await practice.store(one.leaf, {
      type: 'customer.identified',
      identifiers: [{ type: 'email', value: `proven-${one.email}`, trust: 'proven' }],
    });
    await deliver(one.command);
    expect(await mailsTo(one.email)).toHaveLength(1);
    expect(await mailsTo(`proven-${one.email}`)).toEqual([]);
  });
});

describe('the address', () => {
  test('is the proven one before the asserted one, and never what a browser claimed', async () => {
    const emails = [
      { value: 'asserted@example.com', trust: 'asserted' as const },
      { value: 'proven@example.com', trust: 'proven' as const },
      { value: 'claimed@example.com', trust: 'claimed' as const },
    ];
    const one = await caller({ emails });
    await deliver(one.command);
    expect(await mailsTo('proven@example.com')).toHaveLength(1);
    // Being written to proves nothing.
    expect((await timelineOf(practice.leafOf({ type: 'email', value: 'proven@example.com' })))[0]?.identifiers).toEqual(
      [{ type: 'email', value: 'proven@example.com', trust: 'asserted' }],
    );
    expect(await mailsTo('asserted@example.com')).toEqual([]);
    expect(await mailsTo('claimed@example.com')).toEqual([]);
  });

  test.each<[string, { value: string; trust: 'claimed' }[]]>([
    ['nobody knows', []],
    ['is only claimed', [{ value: 'victim@example.com', trust: 'claimed' }]],
  ])('that %s is a recorded reason on the leaf of the call', async (_, emails) => {
    const one = await caller({ emails });
    expect(await deliver(one.command)).toBe('comes again');
    practice.advance(10 * minuteMs);
    expect(await deliver(one.command)).toBe('done');
    expect(await deliver(one.command)).toBe('done');
    expect((await timelineOf(one.leaf)).filter(({ type }) => type === 'follow-up.suppressed')).toMatchObject([
      {
        channel: 'system',
        direction: 'internal',
        text: 'Follow-up missed-call not sent: no address is known',
        properties: { playbook: 'missed-call', step: 'apologise', reason: 'no-address' },
      },
    ]);
    expect(await mailsTo('victim@example.com')).toEqual([]);
  });

  const introduce = ({ leaf }: Caller, value: string) =>
    practice.store(leaf, { type: 'customer.identified', identifiers: [{ type: 'email', value, trust: 'asserted' }] });

  test('that becomes known within ten minutes of looking for it gets the mail, and nothing else is recorded', async () => {
    const one = await caller({ emails: [] });
    expect(await deliver(one.command)).toBe('comes again');
    practice.advance(9 * minuteMs);
    expect(await deliver(one.command)).toBe('comes again');
    await introduce(one, 'nine-minutes@example.com');
    expect(await deliver(one.command)).toBe('done');
    expect(await mailsTo('nine-minutes@example.com')).toHaveLength(1);
    expect(await reasonsOn(one.leaf)).toEqual([]);
  });

  test('that becomes known after it was recorded that there is none gets nothing', async () => {
    const one = await caller({ emails: [] });
    await deliver(one.command);
    practice.advance(10 * minuteMs);
    await deliver(one.command);
    await introduce(one, 'too-late@example.com');
    expect(await deliver(one.command)).toBe('done');
    expect(await mailsTo('too-late@example.com')).toEqual([]);
    expect(await reasonsOn(one.leaf)).toEqual(['no-address']);
  });
});

describe('nothing is sent, and the timeline says why once,', () => {
  test('where the recipient unsubscribed', async () => {
    const one = await caller();
    await unsubscribe(one);
    await deliver(one.command);
    await deliver(one.command);
    expect(await reasonsOn(one.emailLeaf)).toEqual(['unsubscribed']);
    expect(await mailsTo(one.email)).toEqual([]);
  });

  test('where the recipient unsubscribed with another address', async () => {
    const emails = ['first', 'second'].map((name) => ({ value: `${name}@two.example`, trust: 'asserted' as const }));
    const one = await caller({ emails });
    await unsubscribe({ emailLeaf: practice.leafOf({ type: 'email', value: 'second@two.example' }) });
    await deliver(one.command);
    expect(await reasonsOn(one.emailLeaf)).toEqual(['unsubscribed']);
  });

  test('where the only known address was taken apart from the customer, whatever their timeline states', async () => {
    const one = await caller();
    const identities = createIdentityStore(practice.table);
    const [phone, email] = [
      { leaf: one.leaf, type: 'phone' as const },
      { leaf: one.emailLeaf, type: 'email' as const },
    ];
    await identities.link(link(phone, email));
    await identities.unlink(unlink(email, phone));
    await deliver(one.command);
    practice.advance(10 * minuteMs);
    await deliver(one.command);
    expect(await mailsTo(one.email)).toEqual([]);
    expect(await reasonsOn(one.leaf)).toEqual(['no-address']);
  });

  test('where the address bounced or its owner complained', async () => {
    const one = await caller();
    await practice.ledgers.write(
      one.emailLeaf,
      { ...emptyLedger, suppressed: { reason: 'bounce', atMs: practice.clock() } },
      0,
    );
    await deliver(one.command);
    expect(await reasonsOn(one.emailLeaf)).toEqual(['address-suppressed']);
  });

  test('where the same was sent within four hours, and after them it is sent again', async () => {
    const one = await caller();
    await deliver(one.command);
    practice.advance(3 * 60 * minuteMs);
    await deliver(await practice.missAnotherCall(one));
    expect(await reasonsOn(one.emailLeaf)).toEqual(['frequency-cap']);
    practice.advance(61 * minuteMs);
    await deliver(await practice.missAnotherCall(one));
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent', 'follow-up.suppressed', 'message.sent']);
    expect(await mailsTo(one.email)).toHaveLength(2);
  });

  test.each<[string, Parameters<typeof practice.store>[1]]>([
    ['has reached us by phone since', { type: 'call.answered', channel: 'voice' }],
    [
      'has been answered by a person since',
      { type: 'message.sent', channel: 'web', direction: 'outbound', text: 'Hi' },
    ],
  ])('where the customer %s', async (_, interaction) => {
    const one = await caller();
    practice.advance(minuteMs);
    await practice.store(one.leaf, interaction);
    await deliver(one.command);
    expect(await reasonsOn(one.emailLeaf)).toEqual(['superseded']);
    expect(await mailsTo(one.email)).toEqual([]);
  });

  test('where the call lies more than a day back', async () => {
    const one = await caller();
    practice.advance(24 * 60 * minuteMs + 1);
    await deliver(one.command);
    expect(await reasonsOn(one.emailLeaf)).toEqual(['too-old']);
  });

  test('but a cause of long ago, which a repaired timeline brings up again, leaves no second record', async () => {
    const one = await caller();
    await deliver(one.command);
    practice.advance(46 * 24 * 60 * minuteMs);
    expect(await deliver(one.command)).toBe('done');
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent']);
  });

  test('where the mail service rejects the message', async () => {
    const one = await caller();
    practice.ses.refuseNext('MessageRejected');
    expect(await deliver(one.command)).toBe('done');
    expect(await deliver(one.command)).toBe('done');
    expect(await reasonsOn(one.emailLeaf)).toEqual(['rejected']);
    // What was not sent leaves room for the next one.
    await deliver(await practice.missAnotherCall(one));
    expect(await mailsTo(one.email)).toHaveLength(1);
  });
});

describe('where the mail service', () => {
  test.each(['Throttling', 'AccessDenied'])('answers %s, the command comes again until it is sent', async (code) => {
    const one = await caller();
    practice.ses.refuseNext(code, 2);
    expect(await deliver(one.command)).toBe('comes again');
    expect(await deliver(one.command)).toBe('comes again');
    expect(await deliver(one.command)).toBe('done');
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent']);
    expect(await mailsTo(one.email)).toHaveLength(1);
  });

  test('breaks off after it sent, its event proves the mail and nothing is sent again', async () => {
    const one = await caller();
    practice.takeEvents();
    expect(await during(losingAnswers, () => deliver(one.command))).toBe('comes again');
    expect(await deliver(one.command)).toBe('comes again');
    const [send] = practice.takeEvents();
    expect(await practice.deliverEvent({ ...send, 'detail-type': send?.detailType })).toBe('done');
    expect(await deliver(one.command)).toBe('done');
    expect(await mailsTo(one.email)).toHaveLength(1);
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent']);
  });

  test('never got the request, a transactional mail is sent after 15 minutes', async () => {
    const one = await caller();
    expect(await during(losingRequests, () => deliver(one.command))).toBe('comes again');
    practice.advance(14 * minuteMs);
    expect(await deliver(one.command)).toBe('comes again');
    practice.advance(minuteMs);
    expect(await deliver(one.command)).toBe('done');
    expect(await mailsTo(one.email)).toHaveLength(1);
    expect(await typesOn(one.emailLeaf)).toEqual(['message.sent']);
  });

  test('stays unclear twice, the follow-up is dropped with the reason', async () => {
    const one = await caller();
    await during(losingRequests, async () => {
      for (const expected of ['comes again', 'comes again', 'done', 'done']) {
        expect(await deliver(one.command)).toBe(expected);
        practice.advance(15 * minuteMs);
      }
    });
    expect(await reasonsOn(one.emailLeaf)).toEqual(['unclear']);
    expect(await mailsTo(one.email)).toEqual([]);
  });
});

describe('a message of the queue', () => {
  test.each([
    ['that is no JSON', '{'],
    ['that is no command', '{}'],
    ['of an unknown playbook', { playbook: 'unknown', step: 'apologise', occasion: 'o', customerId: 'c' }],
    ['of an unknown occasion', { playbook: 'missed-call', step: 'apologise', occasion: 'o', customerId: 'c' }],
  ])('%s fails by itself', async (_, body) => {
    expect(await deliver(body as never)).toBe('failed');
  });

  test('whose occasion is of another kind fails: nobody chooses what is sent by writing to the queue', async () => {
    const one = await caller();
    const occasion = await practice.store(one.leaf, { type: 'order.completed' });
    expect(await deliver({ ...one.command, occasion })).toBe('failed');
    expect(await mailsTo(one.email)).toEqual([]);
  });

  test('leaves no personal data in the log', () => {
    expect(practice.logged.length).toBeGreaterThan(10);
    expect(practice.logged.join('\n')).not.toMatch(/example\.com|jonas|lena|vogt|reuter|\+49/i);
  });
});

async function unsubscribe({ emailLeaf }: Pick<Caller, 'emailLeaf'>): Promise<void> {
  const ledger = { ...emptyLedger, unsubscribed: { 'service-recovery': practice.clock() } };
  await practice.ledgers.write(emailLeaf, ledger, 0);
}

function headersOf(raw: string): Record<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return Object.fromEntries(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
