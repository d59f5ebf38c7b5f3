import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import type { MailNotification } from '../../shared/mail/mailNotification.ts';
import { receiveMail } from '../../shared/mail/receiveMail.ts';
import { replyAddressOf } from '../../shared/token/replyAddress.ts';
import { createReplyTokens } from '../../shared/token/replyToken.ts';
import type { ReplyBinding } from '../../shared/token/tokens.ts';
import { headers, mail } from '../support/mail.ts';

/*
 * Lena asked in the chat of her browser. We answered, she did not see it, and it was mailed to her; the mail's reply
 * address is bound to her mailbox.
 */
const leafOf = createLeafOf(Buffer.alloc(32, 7));
const lena = leafOf({ type: 'email', value: 'lena@example.com' });
const browser = leafOf({ type: 'anonymousId', value: 'browser-1' });
const question = `${browser}.E0mmabcdef.AAAAAAAAAAAAAAAA`;
const answer = `${browser}.E0mmabcdeg.BBBBBBBBBBBBBBBB`;
const domain = 'inbound.throughline.example';
const replyTokens = createReplyTokens([{ kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' }]);
const { name, token } = replyTokens.issue('send-1');
const replyAddress = replyAddressOf(token, domain);
const binding: ReplyBinding = { message: question, address: lena, leaf: browser, type: 'anonymousId' };
const verdicts = { spam: 'PASS', virus: 'PASS', spf: 'PASS', dkim: 'PASS', dmarc: 'PASS' } as const;

async function receive(
  raw: Uint8Array,
  { isBound = true, ...more }: Partial<MailNotification> & { isBound?: boolean } = {},
): Promise<Interaction[]> {
  const stored: Interaction[] = [];
  await receiveMail(
    {
      leafOf,
      newId: () => 'unused',
      mailDomain: domain,
      senderDomain: 'throughline.example',
      replyTokens,
      tokens: { readReply: async (of) => (isBound && of === name ? binding : undefined) },
      objects: { readOriginal: async () => raw, writePart: async () => undefined },
      timeline: {
        appendMany: async (placements) =>
          placements.map(({ interaction }) => {
            stored.push(interaction);
            return { id: interaction.id, duplicate: false };
          }),
      },
    },
    {
      sesMessageId: 'ses-1',
      receivedAtMs: Date.UTC(2026, 2, 12, 8, 55),
      envelopeFrom: 'lena@example.com',
      recipients: [replyAddress],
      verdicts,
      objectKey: 'raw/ses-1',
      ...more,
    },
  );
  return stored;
}

describe('a mail to a reply address', () => {
  test('from the mailbox that it was given to continues that conversation, and proves the mailbox', async () => {
    const [reply, ...others] = await receive(mail(headers({ To: replyAddress })));
    expect(others).toEqual([]);
    expect(reply).toMatchObject({ source: 'reply', touchpoint: `reply@${domain}`, trust: 'proven' });
    expect(reply?.id.startsWith(lena)).toBe(true);
    expect(reply?.properties).toMatchObject({
      reply: { message: question, leaf: browser, type: 'anonymousId' },
      to: [`reply@${domain}`],
    });
    expect(reply?.properties).not.toHaveProperty('marks');
    expect(JSON.stringify(reply)).not.toContain(token);
  });

  test('from elsewhere is a guest’s: it stays at its sender, and its words are copied into the conversation', async () => {
    const head = headers({ From: '"Max Vogt" <max@example.org>', To: replyAddress });
    const [original, copy, ...others] = await receive(mail(head), { envelopeFrom: 'max@example.org' });
    expect(others).toEqual([]);
    expect(original?.id.startsWith(leafOf({ type: 'email', value: 'max@example.org' }))).toBe(true);
    expect(original?.properties).toMatchObject({ guestOf: question });
    expect(original?.properties).not.toHaveProperty('reply');
    expect(copy).toMatchObject({
      type: 'message.received',
      channel: 'email',
      trust: 'claimed',
      identifiers: [],
      text: 'Is Minka due?',
      properties: {
        reply: { message: question },
        guest: { message: original?.id, address: 'max@example.org', name: 'Max Vogt' },
      },
    });
    expect(copy?.id.startsWith(browser)).toBe(true);
    expect(copy?.properties).not.toHaveProperty('traits');
  });

  test('that only says to be from that mailbox is a guest’s, too', async () => {
    for (const dmarc of ['FAIL', 'GRAY'] as const) {
      const [original, copy] = await receive(mail(headers()), { verdicts: { ...verdicts, dmarc } });
      expect(original?.properties).toMatchObject({ guestOf: question, marks: ['unverified-sender'] });
      expect(copy?.properties).toMatchObject({ marks: ['unverified-sender'], guest: { address: 'lena@example.com' } });
    }
  });

  test('that a machine wrote says nothing about who is who, and of a guest’s machine nothing is copied', async () => {
    const absence = { 'Auto-Submitted': 'auto-replied' };
    const [own] = await receive(mail(headers(absence)));
    expect(own?.properties.reply).toEqual({ message: question });
    const away = mail(headers({ ...absence, From: 'max@example.org' }));
    expect(await receive(away)).toHaveLength(1);
  });

  test('which is damaged, forged or too old is an ordinary mail, marked', async () => {
    const forged = `${token.slice(0, 47)}${token.endsWith('a') ? 'b' : 'a'}`;
    const mails = [
      await receive(mail(headers()), { recipients: [replyAddressOf(forged, domain)] }),
      await receive(mail(headers()), { recipients: [`reply+@${domain}`] }),
      await receive(mail(headers()), { isBound: false }),
    ];
    for (const [ordinary, ...others] of mails) {
      expect(others).toEqual([]);
      expect(ordinary?.properties).toMatchObject({ marks: ['broken-reply-address'] });
      expect(ordinary?.properties).not.toHaveProperty('reply');
      expect(ordinary?.properties).not.toHaveProperty('guestOf');
    }
  });
});

describe('what a mail refers to', () => {
  test('is kept as far as it names messages of ours, the nearest first, and proves nothing', async () => {
    const references = `<${question}@throughline.example> <x@y.example> <${answer}@THROUGHLINE.example>`;
    const [one] = await receive(mail(headers({ References: references, 'In-Reply-To': '<x@y.example>' })), {
      recipients: [`praxis@${domain}`],
    });
    expect(one?.properties.answers).toEqual([answer, question]);
    expect(one?.properties).not.toHaveProperty('reply');
  });

  test('is not ours where it names another domain or no message', async () => {
    const references = `<${question}@elsewhere.example> <no-message@throughline.example>`;
    const [one] = await receive(mail(headers({ References: references })), { recipients: [`praxis@${domain}`] });
    expect(one?.properties).not.toHaveProperty('answers');
  });
});
