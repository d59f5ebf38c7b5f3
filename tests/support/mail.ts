import { Buffer } from 'node:buffer';

export const practice = 'praxis@inbound.throughline.example';

/** The headers of a mail from Lena to the practice, each replaced or taken out by `more`. */
export function headers(more: Record<string, string | undefined> = {}): string[] {
  const all: Record<string, string | undefined> = {
    From: '"Lena Vogt" <lena@example.com>',
    To: practice,
    Subject: 'Minka',
    'Message-ID': '<minka-1@example.com>',
    Date: 'Thu, 12 Mar 2026 09:55:00 +0100',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...more,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
}

/** A raw mail; bytes beyond ASCII are written as Latin-1, so a fixture can hold any byte. */
export function mail(head: readonly string[], body: readonly string[] | string = ['Is Minka due?', '']): Buffer {
  const text = typeof body === 'string' ? body : body.join('\r\n');
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`, 'latin1');
}

/** A body of several parts, each with its own headers. */
export function multipart(boundary: string, ...parts: (readonly string[])[]): string[] {
  return [...parts.flatMap((part) => [`--${boundary}`, ...part]), `--${boundary}--`, ''];
}

/** Text as UTF-8 in the bytes of a Latin-1 fixture. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
