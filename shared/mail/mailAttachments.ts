import { cleanText } from './cleanText.ts';
import type { MailPart } from './mailObjects.ts';
import type { MailAttachment } from './readMail.ts';

/** An attachment as the timeline lists it. */
export interface ListedAttachment {
  name: string;
  /** As the sender claims. */
  type: string;
  bytes: number;
  /** Where its content lies. */
  key: string;
  /** The id by which the mail's HTML shows it. */
  contentId?: string;
}

/** Attachments beyond these stay in the original only. */
export const mostAttachments = 50;

const nameLength = 120;
const unnamed: Record<string, string> = {
  'message/rfc822': 'message.eml',
  'message/delivery-status': 'delivery-status.txt',
  'message/feedback-report': 'feedback-report.txt',
  'text/calendar': 'calendar.ics',
};
/** Types that a browser shows without running anything. */
const harmless = new Set([
  'application/pdf',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'text/calendar',
  'text/csv',
  'text/plain',
]);

/** The first attachments as the timeline lists them and as they are kept, below `prefix`. */
export function mailAttachmentsOf(
  attachments: readonly MailAttachment[],
  prefix: string,
): { listed: ListedAttachment[]; parts: MailPart[] } {
  const kept = attachments.slice(0, mostAttachments).map(({ content, contentId, ...claims }, index) => {
    const type = /^[\w.+-]+\/[\w.+-]+$/.test(claims.type) && claims.type.length <= 100 ? claims.type : otherType;
    const name = safeFileName(claims.name ?? '') || unnamed[type] || `attachment-${index + 1}`;
    const key = `${prefix}attachment-${index + 1}`;
    return {
      listed: { name, type, bytes: content.byteLength, key, ...(contentId && { contentId }) },
      part: { key, content, type: harmless.has(type) ? type : otherType, fileName: name },
    };
  });
  return { listed: kept.map(({ listed }) => listed), parts: kept.map(({ part }) => part) };
}

const otherType = 'application/octet-stream';

/** A name under which a file may be saved: no path, nothing hidden, nothing invisible; its ending stays. */
export function safeFileName(name: string): string {
  const plain = cleanText(name.slice(0, 2_000))
    .normalize('NFC')
    .replace(/[/\\:*?"<>|\n\t]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const characters = Array.from(plain);
  if (characters.length <= nameLength) return plain;
  const ending = Array.from(/\.[^.]{1,10}$/.exec(plain)?.[0] ?? '');
  return [...characters.slice(0, nameLength - ending.length), ...ending].join('');
}
