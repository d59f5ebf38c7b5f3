import MailComposer from 'nodemailer/lib/mail-composer';

/** What a MIME message is made of. */
export interface MailParts {
  from: { name: string; address: string };
  replyTo: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Ids of the interactions that the mail brings: as message ids in its references, so that replies bring them back. */
  interactionIds: readonly string[];
  /** The mail that it answers, as its headers name it. */
  thread?: { inReplyTo: string; references: readonly string[] } | undefined;
  /** Undefined where there is nothing to unsubscribe from. */
  unsubscribeUrl?: string | undefined;
  /** Whether nobody wrote it by hand. */
  isAutomatic: boolean;
  atMs: number;
}

/**
 * The mail as MIME: plain and HTML. Its `References` name ids of ours, which replies bring back (the service replaces
 * `Message-ID`); one click unsubscribes (RFC 8058); no auto-responder answers what is automatic (RFC 3834).
 */
export async function composeMail(parts: MailParts): Promise<Buffer> {
  const { atMs, from, html, interactionIds, isAutomatic, replyTo, subject, text, thread, to, unsubscribeUrl } = parts;
  const ownIds = interactionIds.map((id) => `<${id}@${domainOf(from.address)}>`);
  const composer = new MailComposer({
    from,
    replyTo,
    to: { name: '', address: to },
    subject,
    text,
    html,
    date: new Date(atMs),
    messageId: ownIds[0],
    ...(thread === undefined ? {} : { inReplyTo: thread.inReplyTo }),
    references: [...(thread?.references ?? []), ...ownIds],
    headers: {
      ...(unsubscribeUrl === undefined
        ? {}
        : {
            // Prepared: a folded address would be a broken one.
            'List-Unsubscribe': { prepared: true, value: `<${unsubscribeUrl}>` },
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
      ...(isAutomatic ? { 'Auto-Submitted': 'auto-generated' } : {}),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
