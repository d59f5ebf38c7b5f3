import PostalMime, { type Address, addressParser, type Email, type Mailbox } from 'postal-mime';
import { type AutoSubmission, autoSubmissionOf } from './autoSubmission.ts';
import { cleanLine } from './cleanText.ts';
import { beginningOf, bodyStart } from './mailBody.ts';
import type { MailMark } from './mailMark.ts';

/** An attachment as the mail has it. */
export interface MailAttachment {
  /** As the sender calls it, if at all. */
  name?: string;
  /** As the sender claims. */
  type: string;
  content: Uint8Array;
  /** The id by which the HTML shows it. */
  contentId?: string;
}

/** A mail as far as it could be read; every text of its headers is one line of bounded length. */
export interface ReadMail {
  marks: MailMark[];
  /** The addresses of the From header; a sound mail has one. */
  from: Mailbox[];
  to: string[];
  cc: string[];
  subject: string;
  /** With its angle brackets. */
  messageId?: string;
  inReplyTo?: string;
  references: string[];
  /** The Date header as it stands. */
  date?: string;
  /** What the body is read by. */
  contentHeaders: string;
  autoSubmission?: AutoSubmission;
  text?: string;
  html?: string;
  attachments: MailAttachment[];
}

const mostAddresses = 50;
const mostReferences = 30;
const lineLength = 300;

/** Reads a mail. What is no mail, or too deep to be one, comes back empty and marked; nothing of a mail makes this fail. */
export async function readMail(raw: Uint8Array, envelopeFrom: string): Promise<ReadMail> {
  const beginning = beginningOf(raw);
  const whole = await parse(beginning);
  // Too many or too deep parts: the headers still say whose mail it is.
  const email = whole ?? (await parse(raw.subarray(0, bodyStart(raw))));
  if (email === undefined) return unreadable;
  const header = (name: string) => email.headers.find(({ key }) => key === name)?.value;
  if (!signsOfMail.some((name) => header(name) !== undefined)) return unreadable;
  const line = (name: string) => {
    const value = header(name);
    return value === undefined ? undefined : cleanLine(value, lineLength);
  };
  const [messageId] = messageIdsIn(header('message-id'));
  const [inReplyTo] = messageIdsIn(header('in-reply-to'));
  const date = line('date');
  const autoSubmission = autoSubmissionOf(header, envelopeFrom);
  return {
    marks: [
      ...(whole === undefined ? (['unparseable'] as const) : []),
      ...(beginning.length < raw.length ? (['partly-read'] as const) : []),
    ],
    from: fromOf(email),
    to: addressesOf(email.to),
    cc: addressesOf(email.cc),
    subject: cleanLine(email.subject ?? '', lineLength),
    ...(messageId && { messageId }),
    ...(inReplyTo && { inReplyTo }),
    references: messageIdsIn(header('references')).slice(-mostReferences),
    ...(date && { date }),
    contentHeaders: `${header('content-type') ?? ''}\n${header('content-transfer-encoding') ?? ''}`,
    ...(autoSubmission && { autoSubmission }),
    ...(email.text ? { text: email.text } : {}),
    ...(email.html ? { html: email.html } : {}),
    attachments: email.attachments.map(({ filename, mimeType, content, contentId }) => ({
      ...(filename && { name: filename }),
      type: mimeType,
      content: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
      ...(contentId && { contentId: cleanLine(contentId.replace(/^<|>$/g, ''), lineLength) }),
    })),
  };
}

async function parse(raw: Uint8Array): Promise<Email | undefined> {
  try {
    return await PostalMime.parse(raw, { maxNestingDepth: 100, maxRfc822NestingDepth: 3 });
  } catch {
    return undefined;
  }
}

const unreadable: ReadMail = {
  marks: ['unparseable'],
  from: [],
  to: [],
  cc: [],
  subject: '',
  references: [],
  contentHeaders: '',
  attachments: [],
};

/** SES writes headers of its own above whatever came; these a sender writes. */
const signsOfMail = ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'];

/** Some forgers send two From headers, or two addresses in one, so that one is checked and the other one shown. */
function fromOf(email: Email): Mailbox[] {
  const values = email.headers.filter(({ key }) => key === 'from').slice(0, 5);
  const parsed = values.flatMap(({ value }) => addressParser(value.slice(0, 10_000)));
  return mailboxesOf(parsed)
    .filter(({ address }) => address !== '')
    .slice(0, 5);
}

function addressesOf(addresses: readonly Address[] | undefined): string[] {
  const all = mailboxesOf(addresses ?? []).flatMap(({ address }) => cleanLine(address, lineLength) || []);
  return [...new Set(all)].slice(0, mostAddresses);
}

function mailboxesOf(addresses: readonly Address[]): Mailbox[] {
  return addresses.flatMap((address) => address.group ?? [address]);
}

function messageIdsIn(value: string | undefined): string[] {
  if (value === undefined) return [];
  const bounded = cleanLine(value, 20_000);
  return [...bounded.matchAll(/<[^<>\s]{1,300}>/g)].map(([id]) => id);
}
