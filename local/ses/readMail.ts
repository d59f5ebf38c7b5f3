import PostalMime, { type Address } from 'postal-mime';
import type { Outbox, SentMail } from './outbox.ts';

/** A sent message, read. */
export interface MailView {
  id: string;
  /** ISO 8601. */
  at: string;
  /** The bare address of the From header. */
  from: string;
  /** The name beside it, if any. */
  fromName: string;
  /** The envelope's recipients, those in Bcc included. */
  to: string[];
  subject: string;
  text: string | null;
  html: string | null;
  raw: string;
  attachments: { name: string; type: string; bytes: number }[];
}

/** Reads a message from the outbox; the same message is parsed once. */
export function readMail(outbox: Outbox, mail: SentMail): Promise<MailView> {
  const known = views.get(mail);
  if (known) return known;
  const view = parse(outbox, mail);
  views.set(mail, view);
  view.catch(() => views.delete(mail));
  return view;
}

const views = new WeakMap<SentMail, Promise<MailView>>();

async function parse(outbox: Outbox, mail: SentMail): Promise<MailView> {
  const raw = await outbox.raw(mail);
  const parsed = await PostalMime.parse(raw);
  return {
    id: mail.id,
    at: mail.at,
    from: addressOf(parsed.from) ?? mail.from,
    fromName: parsed.from?.name ?? '',
    to: mail.recipients,
    subject: parsed.subject ?? '',
    text: parsed.text ?? null,
    html: parsed.html ?? null,
    raw: raw.toString('utf8'),
    attachments: parsed.attachments.map(({ filename, mimeType, content }) => ({
      name: filename ?? 'unnamed',
      type: mimeType,
      bytes: typeof content === 'string' ? content.length : content.byteLength,
    })),
  };
}

function addressOf(address: Address | undefined): string | undefined {
  return address?.address || undefined;
}
