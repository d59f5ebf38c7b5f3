import { describe, expect, test } from 'vitest';
import { mailContentOf } from '../../shared/mail/mailContent.ts';
import { readMail } from '../../shared/mail/readMail.ts';
import { headers, mail, multipart, utf8 } from '../support/mail.ts';

const read = (raw: Uint8Array) => readMail(raw, 'lena@example.com');
const content = async (raw: Uint8Array) => mailContentOf(await read(raw), 'parts/x/');

describe('text', () => {
  test('of a plain mail is what was written', async () => {
    expect(await content(mail(headers()))).toEqual({ text: 'Is Minka due?', attachments: [], parts: [], marks: [] });
  });

  test.each([
    ['quoted-printable', 'utf-8', 'quoted-printable', 'M=C3=BCde und appetit=\r\nlos'],
    ['base64', 'utf-8', 'base64', 'TcO8ZGUgdW5kIGFwcGV0aXRsb3M='],
    ['ISO-8859-1', 'iso-8859-1', '8bit', 'M\xfcde und appetitlos'],
    ['Windows-1252 under a wrong name', 'x-unknown-8', '8bit', 'M\xfcde und appetitlos'],
  ])('is read from %s', async (_name, charset, encoding, body) => {
    const type = `text/plain; charset=${charset}`;
    const raw = mail(headers({ 'Content-Type': type, 'Content-Transfer-Encoding': encoding }), body);
    expect((await content(raw)).text).toMatch(/^M.{1,2}de und appetitlos$/);
  });

  test('with bytes that are no UTF-8 keeps what can be read', async () => {
    const raw = mail(headers(), `Die Katze ist m\xff\xfede, ${utf8('Grüße')}`);
    expect((await content(raw)).text).toBe('Die Katze ist m\ufffd\ufffdde, Grüße');
  });

  test('loses what would steer a terminal or turn the direction of writing', async () => {
    const raw = mail(headers(), utf8('a\u0000b\u001b[31mc\u202ed'));
    expect((await content(raw)).text).toBe('ab[31mcd');
  });

  test('of a mail in HTML only is its words, one line per block', async () => {
    const html =
      '<html><head><title>x</title><style>p{}</style></head><body><p>Hello,</p><div>is Minka&nbsp;due?<br>Lena &amp; Tom</div></body></html>';
    const raw = mail(headers({ 'Content-Type': 'text/html; charset=utf-8' }), html);
    expect((await content(raw)).text).toBe('Hello,\n\nis Minka due?\nLena & Tom');
  });

  test('of 200 KB stands on the timeline with its first 100 KB, and says so', async () => {
    const found = await content(mail(headers(), 'Minka is ill. '.repeat(15_000)));
    expect([found.text?.length, found.marks]).toEqual([100_000, ['text-cut']]);
  });

  test('of two million lines is read as far as memory goes, and says so', async () => {
    const found = await read(mail(headers(), 'miau\n'.repeat(2_000_000)));
    expect([found.subject, found.marks]).toEqual(['Minka', ['partly-read']]);
  });
});

describe('HTML', () => {
  const shown = async (html: string) => {
    const found = await content(mail(headers({ 'Content-Type': 'text/html; charset=utf-8' }), utf8(html)));
    const part = found.parts.find(({ key }) => key === found.htmlKey);
    return Buffer.from(part?.content ?? []).toString('utf8');
  };

  test('keeps words, lists, tables and links, which open elsewhere', async () => {
    expect(
      await shown('<p>See <a href="https://vet.example/a?b=1&c=2" onclick="x()">here</a></p><ul><li>Ü</li></ul>'),
    ).toBe(
      '<p>See <a href="https://vet.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow" target="_blank">here</a></p><ul><li>Ü</li></ul>',
    );
  });

  test.each([
    ['a script', '<script>alert(1)</script>'],
    ['an event handler', '<img src=x onerror=alert(1)>'],
    ['a script in an address', '<a href="javascript:alert(1)">x</a>'],
    ['a hidden script in an address', '<a href="java&#10;script:alert(1)">x</a>'],
    ['a frame', '<iframe src="https://evil.example"></iframe>'],
    ['a form', '<form action="https://evil.example"><input name=password></form>'],
    ['a style', '<style>@import "https://evil.example"</style><p style="background:url(https://evil.example)">x</p>'],
    ['a picture that tells who looked', '<img src="https://evil.example/pixel.gif">'],
    ['a picture without a scheme', '<img src="//evil.example/pixel.gif">'],
    ['an object', '<object data="https://evil.example"></object><embed src="https://evil.example">'],
    [
      'a base address',
      '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">',
    ],
    ['a drawing', '<svg onload=alert(1)><use href="https://evil.example#x"/></svg>'],
  ])('loses %s', async (_name, html) => {
    expect(await shown(`<p>x</p>${html}`)).not.toMatch(/evil|alert|script:|<style|<form|<input|onerror|<svg/i);
  });

  test('keeps pictures that came with the mail', async () => {
    expect(await shown('<img src="cid:minka@example.com" alt="Minka">')).toBe(
      '<img src="cid:minka@example.com" alt="Minka" />',
    );
  });

  test.each([
    ['nested 200,000 deep', '<div>'.repeat(200_000)],
    ['of two megabytes', '<p>x</p>'.repeat(250_000)],
  ])('%s stays in the original', async (_name, html) => {
    const found = await content(mail(headers({ 'Content-Type': 'text/html' }), html));
    expect(found).toEqual({ attachments: [], parts: [], marks: ['html-left-out'] });
  });
});

describe('attachments', () => {
  const mixed = headers({ 'Content-Type': 'multipart/mixed; boundary=b' });
  const words = ['Content-Type: text/plain', '', 'See the attachment.'];
  const attachment = (type: string, name?: string) => [
    `Content-Type: ${type}`,
    `Content-Disposition: attachment${name === undefined ? '' : `; filename="${name}"`}`,
    'Content-Transfer-Encoding: base64',
    '',
    'TWlua2E=',
  ];

  test('are listed by name, type, size and key, and kept beside the original', async () => {
    const found = await content(mail(mixed, multipart('b', words, attachment('application/pdf', 'findings.pdf'))));
    expect(found.text).toBe('See the attachment.');
    expect(found.attachments).toEqual([
      { name: 'findings.pdf', type: 'application/pdf', bytes: 5, key: 'parts/x/attachment-1' },
    ]);
    expect(
      found.parts.map(({ content: bytes, ...part }) => ({ ...part, text: Buffer.from(bytes).toString() })),
    ).toEqual([{ key: 'parts/x/attachment-1', type: 'application/pdf', fileName: 'findings.pdf', text: 'Minka' }]);
  });

  test.each(['text/html', 'image/svg+xml', 'application/javascript', 'application/x-msdownload', 'text/xml'])(
    'of type %s are handed out as bytes, never run',
    async (type) => {
      const found = await content(mail(mixed, multipart('b', words, attachment(type, 'x'))));
      expect([found.attachments[0]?.type, found.parts[0]?.type]).toEqual([type, 'application/octet-stream']);
    },
  );

  test.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\\\cat\\\\minka.jpg', 'C__cat_minka.jpg'],
    ['.bashrc', 'bashrc'],
    ['=?utf-8?q?Befund=0D=0AX-Header=3A_1.pdf?=', 'Befund_X-Header_ 1.pdf'],
    ['=?utf-8?q?invoice=E2=80=AEfdp.exe?=', 'invoicefdp.exe'],
    [`${'a'.repeat(300)}.pdf`, `${'a'.repeat(116)}.pdf`],
    ['=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?=', 'Grüße.pdf'],
  ])('named %s are saved as %s', async (name, saved) => {
    const found = await content(mail(mixed, multipart('b', words, attachment('application/pdf', name))));
    expect(found.attachments[0]?.name).toBe(saved);
  });

  test('without a name get one', async () => {
    const found = await content(
      mail(mixed, multipart('b', words, attachment('message/rfc822'), attachment('image/png'))),
    );
    expect(found.attachments.map(({ name }) => name)).toEqual(['message.eml', 'attachment-2']);
  });

  test('that the HTML shows carry the id that it shows them by', async () => {
    const html = ['Content-Type: text/html', '', '<p>Look:</p><img src="cid:minka@example.com">'];
    const picture = [
      'Content-Type: image/png',
      'Content-ID: <minka@example.com>',
      'Content-Transfer-Encoding: base64',
      '',
      'iVBORw==',
    ];
    const related = headers({ 'Content-Type': 'multipart/related; boundary=b' });
    const found = await content(mail(related, multipart('b', html, picture)));
    expect(found.attachments).toEqual([
      {
        name: 'attachment-1',
        type: 'image/png',
        bytes: 4,
        key: 'parts/x/attachment-1',
        contentId: 'minka@example.com',
      },
    ]);
    expect(found.text).toBe('Look:');
  });

  test('an invitation is one', async () => {
    const invitation = ['Content-Type: text/calendar; method=REQUEST', '', 'BEGIN:VCALENDAR', 'END:VCALENDAR'];
    const alternative = headers({ 'Content-Type': 'multipart/alternative; boundary=b' });
    const found = await content(mail(alternative, multipart('b', words, invitation)));
    expect(found.attachments).toMatchObject([{ name: 'calendar.ics', type: 'text/calendar' }]);
  });

  test('of a mail with a thousand parts are kept up to fifty, and the mail says so', async () => {
    const parts = Array.from({ length: 1_000 }, (_, index) => attachment('application/pdf', `${index}.pdf`));
    const found = await content(mail(mixed, multipart('b', words, ...parts)));
    expect([found.text, found.attachments.length, found.parts.length, found.marks]).toEqual([
      'See the attachment.',
      50,
      50,
      ['attachments-left-out'],
    ]);
  });

  test('in nested parts are found', async () => {
    const inner = [
      'Content-Type: multipart/mixed; boundary=c',
      '',
      ...multipart('c', words, attachment('image/png', 'm.png')),
    ];
    const found = await content(mail(mixed, multipart('b', inner, attachment('application/pdf', 'f.pdf'))));
    expect([found.text, ...found.attachments.map(({ name }) => name)]).toEqual([
      'See the attachment.',
      'm.png',
      'f.pdf',
    ]);
  });
});

describe('headers', () => {
  test('are one line each, whatever is encoded into them', async () => {
    const found = await read(
      mail(
        headers({
          From: '=?utf-8?q?Lena=0D=0ABcc=3A_victim=40example.com?= <lena@example.com>',
          Subject: '=?utf-8?q?Minka=0D=0ABcc=3A_victim=40example.com?=',
        }),
      ),
    );
    expect(found.subject).toBe('Minka Bcc: victim@example.com');
    expect(found.from.map(({ address }) => address)).toEqual(['lena@example.com']);
  });

  test('give the ids of the mail and of those before it', async () => {
    const found = await read(
      mail(
        headers({ 'In-Reply-To': '<ours-2@example.com>', References: '<ours-1@example.com>\r\n <ours-2@example.com>' }),
      ),
    );
    expect([found.messageId, found.inReplyTo, found.references]).toEqual([
      '<minka-1@example.com>',
      '<ours-2@example.com>',
      ['<ours-1@example.com>', '<ours-2@example.com>'],
    ]);
  });

  test('without a subject leave it empty', async () => {
    expect((await read(mail(headers({ Subject: undefined })))).subject).toBe('');
  });
});

describe('a mail that is none', () => {
  test.each([
    ['bytes', Buffer.from([0, 1, 2, 255, 254, 10, 13])],
    ['words', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
  ])('made of %s is marked and empty', async (_name, raw) => {
    expect(await read(raw)).toMatchObject({ marks: ['unparseable'], from: [], subject: '', attachments: [] });
  });

  test('nested 500 deep is marked, and its headers are read', async () => {
    const nested = Array.from({ length: 500 }, (_, index) => [
      `--b${index}`,
      `Content-Type: multipart/mixed; boundary=b${index + 1}`,
      '',
    ]);
    const found = await read(mail(headers({ 'Content-Type': 'multipart/mixed; boundary=b0' }), nested.flat()));
    expect(found).toMatchObject({ marks: ['unparseable'], subject: 'Minka', from: [{ address: 'lena@example.com' }] });
  });
});

describe('a mail by a machine', () => {
  test.each([
    ['Auto-Submitted', 'auto-replied', 'auto-submitted'],
    ['Auto-Submitted', 'auto-generated; owner-email="x@example.com"', 'auto-submitted'],
    ['Content-Type', 'multipart/report; report-type=feedback-report; boundary=b', 'delivery-report'],
    ['Content-Type', 'multipart/report; report-type=delivery-status; boundary=b', 'delivery-report'],
    ['List-Id', '<cats.example.com>', 'mailing-list'],
    ['List-Unsubscribe', '<https://example.com/u>', 'mailing-list'],
    ['Precedence', 'bulk', 'bulk'],
    ['Precedence', 'auto_reply', 'auto-reply'],
    ['X-Autoreply', 'yes', 'auto-reply'],
    ['X-Auto-Response-Suppress', 'All', 'suppressed-response'],
    ['Return-Path', '<>', 'null-return-path'],
  ])('is known by %s: %s', async (name, value, sign) => {
    expect((await read(mail(headers({ [name]: value })))).autoSubmission).toBe(sign);
  });

  test('is known by its empty envelope', async () => {
    expect((await readMail(mail(headers()), '')).autoSubmission).toBe('null-return-path');
  });

  test.each([
    ['Auto-Submitted', 'no'],
    ['Precedence', 'first-class'],
    ['X-Auto-Response-Suppress', 'None'],
  ])('is none for %s: %s', async (name, value) => {
    expect((await read(mail(headers({ [name]: value })))).autoSubmission).toBeUndefined();
  });

  test('that reports a bounce keeps the report and the returned mail as attachments', async () => {
    const report = multipart(
      'b',
      ['Content-Type: text/plain', '', 'The mail could not be delivered.'],
      [
        'Content-Type: message/delivery-status',
        '',
        'Final-Recipient: rfc822; jonas@example.com',
        'Action: failed',
        'Status: 5.1.1',
      ],
      ['Content-Type: message/rfc822', '', 'Subject: Balu', '', 'Please come by.'],
    );
    const type = 'multipart/report; report-type=delivery-status; boundary=b';
    const found = await content(mail(headers({ 'Content-Type': type }), report));
    expect(found.text).toBe('The mail could not be delivered.');
    expect(found.attachments.map(({ name, type: claimed }) => [name, claimed])).toEqual([
      ['delivery-status.txt', 'message/delivery-status'],
      ['message.eml', 'message/rfc822'],
    ]);
  });
});
