import { cleanText, cutBytes } from './cleanText.ts';
import { displayText, isForwardSubject } from './displayText.ts';
import { type ListedAttachment, mailAttachmentsOf, mostAttachments } from './mailAttachments.ts';
import type { MailMark } from './mailMark.ts';
import type { MailPart } from './mailObjects.ts';
import type { ReadMail } from './readMail.ts';
import { sanitiseHtml } from './sanitiseHtml.ts';
import { textOfHtml } from './textOfHtml.ts';

/** What is shown of a mail, and what of it is kept beside the original. */
export interface MailContent {
  /** What the writer newly wrote. */
  text?: string;
  /** Where the sanitised HTML lies. */
  htmlKey?: string;
  attachments: ListedAttachment[];
  parts: MailPart[];
  marks: MailMark[];
}

/** What of a text stands on the timeline, in bytes. */
const mostTextBytes = 100_000;
/** What of a text is looked at, in characters. */
const mostTextLength = 200_000;
/** HTML beyond these takes a sanitiser minutes and nobody reads it; in characters and open elements. */
const mostHtmlLength = 1_000_000;
const deepestHtml = 150;

/** The content of a mail whose parts lie below `prefix`. */
export function mailContentOf(mail: ReadMail, prefix: string): MailContent {
  const html = mail.html !== undefined && isReadableHtml(mail.html) ? mail.html : undefined;
  const { listed, parts } = mailAttachmentsOf(mail.attachments, prefix);
  const shown = shownText(mail, html);
  const text = cutBytes(shown, mostTextBytes);
  const htmlPart = html && htmlFile(`${prefix}html`, sanitiseHtml(html));
  return {
    ...(text === '' ? {} : { text }),
    ...(htmlPart && { htmlKey: htmlPart.key }),
    attachments: listed,
    parts: [...(htmlPart ? [htmlPart] : []), ...parts],
    marks: [
      ...(text.length < shown.length || (mail.text?.length ?? 0) > mostTextLength ? (['text-cut'] as const) : []),
      ...(mail.html !== undefined && html === undefined ? (['html-left-out'] as const) : []),
      ...(mail.attachments.length > mostAttachments ? (['attachments-left-out'] as const) : []),
    ],
  };
}

function shownText({ subject, text }: ReadMail, html: string | undefined): string {
  const isForward = isForwardSubject(subject);
  if (text?.slice(0, mostTextLength).trim()) return displayText(text.slice(0, mostTextLength), { isForward });
  if (html === undefined) return '';
  const answer = isForward ? '' : displayText(textOfHtml(html, { withoutQuotes: true }), { isForward });
  return answer || cleanText(textOfHtml(html, { withoutQuotes: false }));
}

function isReadableHtml(html: string): boolean {
  return html.length <= mostHtmlLength && depthOf(html) <= deepestHtml;
}

/** How many elements are open at once, at most; those that close by themselves are not counted. */
function depthOf(html: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
    if (selfClosing.test(name)) continue;
    depth = slash ? Math.max(0, depth - 1) : depth + 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

const selfClosing =
  /^(?:area|base|br|col|colgroup|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|tbody|td|tfoot|th|thead|tr|wbr)$/i;

function htmlFile(key: string, html: string): MailPart {
  return { key, type: 'text/html; charset=utf-8', fileName: 'message.html', content: Buffer.from(html, 'utf8') };
}
