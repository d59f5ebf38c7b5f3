import { randomBytes } from 'node:crypto';

/** What SendEmail is given; `text` or `html` or both. */
export interface MailParts {
  source: string;
  to: readonly string[];
  cc: readonly string[];
  replyTo: readonly string[];
  subject: string;
  text: string | undefined;
  html: string | undefined;
}

/** Writes the MIME message that SES makes of SendEmail's parts, in UTF-8. */
export function composeMail(mail: MailParts): Buffer {
  const headers = [
    `From: ${encodedAddress(mail.source)}`,
    ...(mail.to.length > 0 ? [`To: ${mail.to.map(encodedAddress).join(', ')}`] : []),
    ...(mail.cc.length > 0 ? [`Cc: ${mail.cc.map(encodedAddress).join(', ')}`] : []),
    ...(mail.replyTo.length > 0 ? [`Reply-To: ${mail.replyTo.map(encodedAddress).join(', ')}`] : []),
    `Subject: ${encodedWord(mail.subject)}`,
    'MIME-Version: 1.0',
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n${content(mail)}`);
}

function content({ text, html }: MailParts): string {
  if (html === undefined) return part('text/plain', text ?? '');
  if (text === undefined) return part('text/html', html);
  const boundary = `----=_Part_${randomBytes(12).toString('hex')}`;
  const parts = [part('text/plain', text), part('text/html', html)].map((each) => `--${boundary}\r\n${each}\r\n`);
  return `Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n${parts.join('')}--${boundary}--\r\n`;
}

function part(type: string, text: string): string {
  const lines = Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
  return `Content-Type: ${type}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}`;
}

function encodedAddress(address: string): string {
  const [, name, bracketed] = /^\s*"?([^"<]*?)"?\s*(<[^<>]+>)\s*$/.exec(address) ?? [];
  return name && bracketed ? `${encodedWord(name)} ${bracketed}` : oneLine(address);
}

/** RFC 2047, in words of at most 75 characters. */
function encodedWord(value: string): string {
  const text = oneLine(value);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let chunk = '';
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > 42) {
      words.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  return [...words, chunk].map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

/** A line break in a value would begin a header of its own. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ');
}
