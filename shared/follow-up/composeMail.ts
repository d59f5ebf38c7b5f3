import MailComposer from 'nodemailer/lib/mail-composer';

/** What a follow-up's MIME message is made of. */
export interface MailParts {
  from: { name: string; address: string };
  replyTo: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Id of the interaction that this mail will be. */
  interactionId: string;
  unsubscribeUrl: string;
  atMs: number;
}

/**
 * The mail as MIME: plain and HTML. Its `References` name an id of ours, which replies bring back (the service replaces
 * `Message-ID`); one click unsubscribes (RFC 8058); no auto-responder answers it (RFC 3834).
 */
export async function composeMail(parts: MailParts): Promise<Buffer> {
  const { atMs, from, html, interactionId, replyTo, subject, text, to, unsubscribeUrl } = parts;
  const ownId = `<${interactionId}@${domainOf(from.address)}>`;
  const composer = new MailComposer({
    from,
    replyTo,
    to: { name: '', address: to },
    subject,
    text,
    html,
    date: new Date(atMs),
    messageId: ownId,
    references: ownId,
    headers: {
      // Prepared: a folded address would be a broken one.
      'List-Unsubscribe': { prepared: true, value: `<${unsubscribeUrl}>` },
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
