import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayText, isForwardSubject } from '../../shared/mail/displayText.ts';
import { textOfHtml } from '../../shared/mail/textOfHtml.ts';

const show = (...lines: string[]) => displayText(lines.join('\n'), { isForward: false });
const answer = 'Danke, wir kommen am Freitag mit Minka.';

describe('of an answer only the new words are shown', () => {
  test.each<[string, string[]]>([
    [
      'Gmail',
      [
        'Am Do., 12. März 2026 um 09:02 Uhr schrieb Tierarztpraxis <praxis@vet.example>:',
        '',
        '> Minka ist fällig.',
        '>',
      ],
    ],
    [
      'Gmail over two lines',
      [
        'Am Do., 12. März 2026 um 09:02 Uhr schrieb Tierarztpraxis am Park <',
        'praxis@vet.example>:',
        '',
        '> Minka ist fällig.',
      ],
    ],
    [
      'Gmail in English',
      ['On Thu, Mar 12, 2026 at 9:02 AM Vet Practice <praxis@vet.example> wrote:', '', '> Minka is due.'],
    ],
    [
      'Apple Mail',
      ['> Am 12.03.2026 um 09:02 schrieb Tierarztpraxis <praxis@vet.example>:', '> ', '> Minka ist fällig.'],
    ],
    [
      'an iPhone',
      [
        'Von meinem iPhone gesendet',
        '',
        '> Am 12.03.2026 um 09:02 schrieb Praxis <praxis@vet.example>:',
        '> ',
        '> Minka ist fällig.',
      ],
    ],
    [
      'Thunderbird',
      ['Am 12.03.26 um 09:02 schrieb Tierarztpraxis:', '> Minka ist fällig.', '> Bitte melden Sie sich.'],
    ],
    [
      'Outlook',
      [
        '________________________________',
        'Von: Tierarztpraxis <praxis@vet.example>',
        'Gesendet: Donnerstag, 12. März 2026 09:02',
        'An: Lena Vogt',
        'Betreff: Minka',
        '',
        'Minka ist fällig.',
      ],
    ],
    [
      'Outlook without a rule',
      [
        'Von: Tierarztpraxis',
        'Gesendet: Donnerstag, 12. März 2026 09:02',
        'An: Lena Vogt <lena@example.com>',
        'Betreff: AW: Minka',
        '',
        'Minka ist fällig.',
      ],
    ],
    [
      'Outlook in English',
      [
        'From: Vet Practice <praxis@vet.example>',
        'Sent: Thursday, March 12, 2026 9:02 AM',
        'To: Lena Vogt',
        'Subject: Minka',
        '',
        'Minka is due.',
      ],
    ],
    [
      'Outlook with stars',
      [
        '*Von:* Tierarztpraxis <praxis@vet.example>',
        '*Gesendet:* Donnerstag, 12. März 2026',
        '*An:* Lena',
        '*Betreff:* Minka',
        '',
        'Minka ist fällig.',
      ],
    ],
    [
      'Outlook for Android',
      [
        'Gesendet von Outlook für Android<https://aka.ms/x>',
        '________________________________',
        'From: Praxis <praxis@vet.example>',
        'Sent: Thursday, March 12, 2026 9:02:11 AM',
        'To: Lena <lena@example.com>',
        'Subject: Minka',
        '',
        'Minka ist fällig.',
      ],
    ],
    [
      'Outlook in Dutch',
      [
        'Van: Praktijk <praxis@vet.example>',
        'Verzonden: donderdag 12 maart 2026',
        'Aan: Lena',
        'Onderwerp: Minka',
        '',
        'Oud.',
      ],
    ],
    ['a separator', ['-----Ursprüngliche Nachricht-----', 'Von: Praxis', 'Minka ist fällig.']],
    ['another separator', ['-----Antwort Nachricht-----', 'Minka ist fällig.']],
    ['an English separator', ['-----Original Message-----', 'From: Practice', 'Minka is due.']],
    ['a web mailer', ['--- Original-Nachricht ---', 'Minka ist fällig.']],
  ])('by %s', (_name, quoted) => {
    expect(show(answer, '', ...quoted)).toBe(answer);
  });

  test.each([
    'Von meinem iPhone gesendet',
    'Gesendet von Outlook für Android',
    'Gesendet mit der GMX Mail App',
    'Sent from my iPhone',
    'Get Outlook for iOS',
  ])('without %s', (line) => {
    expect(show(answer, '', line)).toBe(answer);
  });

  test('with Windows line endings, too', () => {
    expect(displayText(`${answer}\r\n\r\n-----Original Message-----\r\nFrom: x\r\nold`, { isForward: false })).toBe(
      answer,
    );
  });

  test('also where a line of it is long', () => {
    const long = `${'Minka frisst seit Tagen nicht. '.repeat(40)}Was tun?`;
    expect(show(long, '', 'Am 12.03.26 um 09:02 schrieb Tierarztpraxis:', '> Guten Tag')).toBe(long);
  });

  test('also by the marks of HTML', () => {
    const html =
      '<div>Danke!</div><div class="gmail_quote"><div class="gmail_attr">Am 12. schrieb X:</div><blockquote>alt</blockquote></div>';
    expect(textOfHtml(html, { withoutQuotes: true })).toBe('Danke!');
    expect(textOfHtml(html, { withoutQuotes: false })).toContain('alt');
  });
});

describe('nothing that was newly written is lost', () => {
  test('answers between quoted lines stay', () => {
    const shown = show('Am 12.03.26 um 09:02 schrieb Praxis:', '> Freitag?', 'Ja, gern.', '> Um zehn?', 'Lieber elf.');
    expect(shown).toContain('Ja, gern.');
    expect(shown).toContain('Lieber elf.');
  });

  test('a mail that only quotes is shown whole', () => {
    const whole = ['-----Original Message-----', 'From: Practice', 'Minka is due.'];
    expect(show(...whole)).toBe(whole.join('\n'));
  });

  test('a forwarded mail is shown whole', () => {
    const whole = 'Bitte ansehen.\n\nVon: Klinik\nGesendet: Montag\nAn: Lena\nBetreff: Befund\n\nMinka ist gesund.';
    expect(displayText(whole, { isForward: true })).toBe(whole);
    expect(['WG: Befund', 'Fwd: x', 'FW: x', 'AW: Befund', 'Wgbefund'].map(isForwardSubject)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test.each([
    'Von: mir aus gern.',
    'Am 3. kam er und schrieb nichts.',
    'From: cats to dogs, all are welcome.',
    'Datum: Freitag',
    'Date: Friday',
  ])('words that only look like a quote stay: %s', (line) => {
    expect(show('Hallo,', line, 'Lena')).toContain(line);
  });
});

test('any text gives words of it, and the same text the same words', () => {
  const pieces = fc.constantFrom(
    '> ',
    'Am 1',
    ' schrieb ',
    ':',
    '\n',
    'On ',
    'wrote',
    '--',
    'Von: x',
    'An: y',
    'Betreff: z',
    'Minka',
    '\ue000',
    '$1',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      const shown = displayText(text, { isForward: false });
      expect(displayText(text, { isForward: false })).toBe(shown);
      const words = (some: string) => some.replace(/\s+/g, ' ').trim();
      for (const line of shown.split('\n')) expect(words(text)).toContain(words(line));
      expect(shown === '').toBe(text.trim() === '');
    }),
  );
});

// With the libraries' patterns alone each of these takes hours.
test.each(['On , ', 'Op schreef: ', 'Am 1: ', '> a\nb\n', 'From: a\n', '<http://', '- '])(
  'a text of “%s”, 200,000 times, is done with in time',
  (piece) => {
    expect(displayText(piece.repeat(200_000), { isForward: false })).not.toBe('');
  },
);
