import { addressesIn, headerValue, type MailSource, readMailSource, unfolded } from './mailSource.ts';

export const verdictNames = ['spam', 'virus', 'spf', 'dkim', 'dmarc'] as const;
export type VerdictName = (typeof verdictNames)[number];
export const verdicts = ['PASS', 'FAIL', 'GRAY', 'PROCESSING_FAILED', 'DISABLED'] as const;
export type Verdict = (typeof verdicts)[number];

/** A mail as it reaches SES. */
export interface ReceivedMail {
  /** SES's own id. */
  id: string;
  /** ISO 8601. */
  at: string;
  /** The envelope's sender, empty for the null return path. */
  from: string;
  recipients: string[];
  verdicts: Record<VerdictName, Verdict>;
  raw: Buffer;
}

/** SES tells headers up to this size, in bytes. */
const mostHeaderBytes = 10 * 1024;

/** The original as SES keeps it: its own headers stand above those that came. */
export function asKept({ id, at, from, recipients, verdicts: found, raw }: ReceivedMail): Buffer {
  const date = new Date(at).toUTCString().replace('GMT', '+0000 (UTC)');
  const headers = [
    `Return-Path: <${from}>`,
    `Received: from sender.localhost (sender.localhost [127.0.0.1])\r\n by inbound-smtp.localhost with SMTP id ${id}\r\n for ${recipients[0]};\r\n ${date}`,
    `X-SES-Spam-Verdict: ${found.spam}`,
    `X-SES-Virus-Verdict: ${found.virus}`,
    `Authentication-Results: localhost;\r\n spf=${found.spf.toLowerCase()} smtp.mailfrom=${from};\r\n dkim=${found.dkim.toLowerCase()};\r\n dmarc=${found.dmarc.toLowerCase()};`,
  ];
  return Buffer.concat([Buffer.from(headers.map((header) => `${header}\r\n`).join(''), 'utf8'), raw]);
}

/** The notification of an S3 action as SES publishes it to the action's topic. */
export function receivedNotification(
  mail: ReceivedMail,
  action: { topicArn: string; bucketName: string; objectKeyPrefix: string; objectKey: string },
): Record<string, unknown> {
  const source = readMailSource(mail.raw);
  const all = source.headers.map(({ name, value }) => ({ name, value: unfolded(value) }));
  const headers = within(all, mostHeaderBytes);
  const status = (name: VerdictName) => ({ status: mail.verdicts[name] });
  return {
    notificationType: 'Received',
    mail: {
      timestamp: mail.at,
      source: mail.from,
      messageId: mail.id,
      destination: mail.recipients,
      headersTruncated: headers.length < all.length,
      headers,
      commonHeaders: commonHeaders(mail, source),
    },
    receipt: {
      timestamp: mail.at,
      processingTimeMillis: 222,
      recipients: mail.recipients,
      spamVerdict: status('spam'),
      virusVerdict: status('virus'),
      spfVerdict: status('spf'),
      dkimVerdict: status('dkim'),
      dmarcVerdict: status('dmarc'),
      action: { type: 'S3', ...action },
    },
  };
}

function commonHeaders({ from }: ReceivedMail, source: MailSource): Record<string, unknown> {
  const cut = (value: string) => value.slice(0, 1_000);
  const texts = { date: 'Date', messageId: 'Message-ID', subject: 'Subject' };
  const lists = { from: 'From', to: 'To', cc: 'Cc' };
  const textOf = (name: string) => headerValue(source, name);
  return {
    returnPath: from,
    ...Object.fromEntries(Object.entries(lists).flatMap(([key, name]) => present(key, listed(textOf(name)), cut))),
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([key, name]) => {
        const value = textOf(name);
        return value === undefined ? [] : [[key, cut(value)]];
      }),
    ),
  };
}

function present(key: string, values: string[], cut: (value: string) => string): [string, string[]][] {
  return values.length === 0 ? [] : [[key, values.slice(0, 50).map(cut)]];
}

/** The addresses of a header with their names, one element each; commas inside quotes part nothing. */
function listed(value: string | undefined): string[] {
  if (value === undefined) return [];
  const parts = value.slice(0, 20_000).match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The first headers that fit. */
function within(headers: { name: string; value: string }[], mostBytes: number): typeof headers {
  let bytes = 0;
  return headers.filter(({ name, value }) => {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    return bytes <= mostBytes;
  });
}

/** The addresses that a mail's own headers name. */
export function envelopeIn(raw: Buffer): { from: string; recipients: string[] } {
  const source = readMailSource(raw);
  const [from = ''] = addressesIn(headerValue(source, 'From'));
  const recipients = ['To', 'Cc', 'Bcc'].flatMap((name) => addressesIn(headerValue(source, name)));
  return { from, recipients: [...new Set(recipients)].slice(0, 100) };
}
