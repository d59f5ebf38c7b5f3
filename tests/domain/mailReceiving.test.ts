import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { type MailNotification, readMailNotification } from '../../shared/mail/mailNotification.ts';
import { type ReceiveMailPorts, receiveMail } from '../../shared/mail/receiveMail.ts';
import { guardItemKey } from '../../shared/timeline/timelineKeys.ts';
import { headers, mail, multipart, practice } from '../support/mail.ts';

const notification: MailNotification = {
  sesMessageId: 'ses-1',
  receivedAtMs: Date.UTC(2026, 2, 12, 8, 55),
  envelopeFrom: 'lena@example.com',
  recipients: [practice],
  verdicts: { spam: 'PASS', virus: 'PASS', spf: 'PASS', dkim: 'PASS', dmarc: 'PASS' },
  objectKey: 'raw/ses-1',
};

/** A bucket that holds one mail, and a timeline that recognises repetitions by their guards, as the table does. */
function createPorts(raw: Uint8Array, { failures = 0 } = {}) {
  const stored = new Map<string, { id: string; text: string | undefined; marks: unknown }>();
  const parts = new Map<string, Uint8Array>();
  let failuresLeft = failures;
  const ports: ReceiveMailPorts = {
    leafOf: createLeafOf(Buffer.alloc(32, 7)),
    newId: () => 'unused',
    mailDomain: 'inbound.throughline.example',
    senderDomain: 'throughline.example',
    replyTokens: { verify: () => undefined },
    tokens: { readReply: async () => undefined },
    objects: {
      readOriginal: async () => raw,
      writePart: async ({ key, content }) => void parts.set(key, content),
    },
    timeline: {
      appendMany: async (placements) => {
        if (failuresLeft-- > 0) throw new Error('the table does not answer');
        return placements.map(({ interaction, key, kind }) => {
          expect(kind).toBe('guarded');
          const guard = guardItemKey(key.messageHash, key.leaf).pk;
          const known = stored.get(guard);
          const { marks } = interaction.properties;
          if (!known) stored.set(guard, { id: interaction.id, text: interaction.text, marks });
          return { id: known?.id ?? interaction.id, duplicate: known !== undefined };
        });
      },
    },
  };
  return { ports, stored, parts };
}

describe('a mail', () => {
  test('that could not be stored comes again, and is stored once then', async () => {
    const { ports, stored } = createPorts(mail(headers()), { failures: 1 });
    await expect(receiveMail(ports, notification)).rejects.toThrow('the table does not answer');
    const [first] = await receiveMail(ports, notification);
    expect(first?.duplicate).toBe(false);
    const later = { ...notification, sesMessageId: 'ses-2', receivedAtMs: notification.receivedAtMs + 60_000 };
    expect(await receiveMail(ports, later)).toEqual([{ id: first?.id, duplicate: true }]);
    expect(stored.size).toBe(1);
  });

  test('keeps its parts apart from those of a mail that only has its id and its body', async () => {
    const body = multipart('b', ['Content-Type: image/png', '', 'x']);
    const type = (boundary: string) => ({ 'Content-Type': `multipart/mixed; boundary=${boundary}` });
    const keysOf = async (raw: Uint8Array, envelope: Partial<MailNotification> = {}) => {
      const { parts, ports } = createPorts(raw);
      await receiveMail(ports, { ...notification, ...envelope });
      return [...parts.keys()];
    };
    const own = await keysOf(mail(headers(type('b')), body));
    expect(own).toEqual(await keysOf(mail(headers(type('b')), body), { sesMessageId: 'ses-2' }));
    const forged = mail(headers({ ...type('b'), From: 'mallory@example.com' }), body);
    expect(await keysOf(forged)).not.toEqual(own);
    const sameNameUnproven = { verdicts: { ...notification.verdicts, dmarc: 'FAIL' as const } };
    expect(await keysOf(mail(headers(type('b')), body), sameNameUnproven)).not.toEqual(own);
  });

  test('of which a server’s retry differs in the headers above is the same', async () => {
    const raw = mail(headers());
    const retried = Buffer.concat([Buffer.from('Received: from elsewhere\r\nX-SES-Spam-Verdict: PASS\n'), raw]);
    const { ports, stored } = createPorts(raw);
    await receiveMail(ports, notification);
    const again = createPorts(retried);
    await receiveMail({ ...again.ports, timeline: ports.timeline }, { ...notification, sesMessageId: 'ses-2' });
    expect(stored.size).toBe(1);
  });
});

describe('whatever comes', () => {
  const piece = fc.constantFrom(
    'From: a@b.de\r\n',
    'From: "x\r\n',
    'Subject: =?utf-8?q?=00=0D?=\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: text/html; charset=nope\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Message-ID: <<>>\r\n',
    'References: <a> <b\r\n',
    '--b\r\n',
    '--b--\r\n',
    '\r\n',
    '\n',
    '<p>a<b>',
    '\u0000\u00ff',
    "Content-Disposition: attachment; filename*=utf-8''%FF%00\r\n",
    ': x\r\n',
  );
  const raws = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1')),
  );

  test('is stored once for each recipient, however often it comes', async () => {
    const recipients = fc.uniqueArray(fc.constantFrom(practice, 'x@y', 'Notfall@inbound.throughline.example'), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(raws, recipients, fc.integer({ min: 1, max: 3 }), async (raw, to, times) => {
        const { ports, stored } = createPorts(raw);
        for (let count = 0; count < times; count++) await receiveMail(ports, { ...notification, recipients: to });
        expect(stored.size).toBe(to.length);
      }),
    );
  });
});

describe('an announcement', () => {
  const message = {
    notificationType: 'Received',
    mail: { messageId: 'ses-1', timestamp: '2026-03-12T08:55:00.000Z', source: '<lena@example.com>' },
    receipt: {
      recipients: [practice],
      spamVerdict: { status: 'PASS' },
      virusVerdict: { status: 'PASS' },
      spfVerdict: { status: 'PASS' },
      dkimVerdict: { status: 'PASS' },
      dmarcVerdict: { status: 'PASS' },
      action: { type: 'S3', objectKey: 'raw/ses-1' },
    },
  };

  test('is read inside the envelope of the topic, and without it', () => {
    const wrapped = { Type: 'Notification', Message: JSON.stringify(message) };
    expect(readMailNotification(JSON.stringify(wrapped))).toEqual(notification);
    expect(readMailNotification(JSON.stringify(message))).toEqual(notification);
  });

  test('without a verdict proves nothing, and an unknown one neither', () => {
    const { dmarcVerdict: _dmarcVerdict, ...receipt } = message.receipt;
    const odd = { ...message, receipt: { ...receipt, spfVerdict: { status: 'SOMEWHAT' } } };
    expect(readMailNotification(JSON.stringify(odd)).verdicts).toEqual({
      ...notification.verdicts,
      spf: 'GRAY',
      dmarc: 'DISABLED',
    });
  });

  test('of the null return path has an empty sender', () => {
    for (const source of ['', '<>', null, undefined]) {
      const bounce = { ...message, mail: { ...message.mail, source } };
      expect(readMailNotification(JSON.stringify(bounce)).envelopeFrom).toBe('');
    }
  });

  test.each([
    ['no JSON', 'x'],
    ['another notification', JSON.stringify({ ...message, notificationType: 'Bounce' })],
    ['nobody’s mail', JSON.stringify({ ...message, receipt: { ...message.receipt, recipients: [] } })],
  ])('that is %s is refused', (_name, body) => {
    expect(() => readMailNotification(body)).toThrow();
  });
});
