import type { IncomingInteraction } from '../timeline/placeInteraction.ts';
import type { Mailbox } from './mailbox.ts';
import type { MailContent } from './mailContent.ts';
import type { MailMark } from './mailMark.ts';
import type { MailNotification } from './mailNotification.ts';
import type { MailSender } from './mailSender.ts';
import type { ReadMail } from './readMail.ts';

/** A mail as it stands on the timeline. Its HTML, its attachments and the original lie in the bucket, by their keys. */
export function mailInteraction({
  mail,
  notification,
  sender,
  content,
  mailbox,
}: {
  mail: ReadMail;
  notification: MailNotification;
  sender: MailSender;
  content: MailContent;
  mailbox: Mailbox;
}): Omit<IncomingInteraction, 'home' | 'messageId'> {
  const marks = [
    ...mail.marks,
    ...sender.marks,
    ...content.marks,
    ...verdictMarks(notification),
    ...(mailbox.isKnown ? [] : (['unknown-recipient'] as const)),
  ];
  return {
    type: 'message.received',
    channel: 'email',
    direction: 'inbound',
    source: mailbox.source,
    touchpoint: mailbox.address,
    trust: sender.trust,
    identifiers: sender.identifiers,
    ...(content.text === undefined ? {} : { text: content.text }),
    properties: {
      ...(mail.subject === '' ? {} : { subject: mail.subject }),
      ...(mail.messageId && { messageId: mail.messageId }),
      ...(mail.inReplyTo && { inReplyTo: mail.inReplyTo }),
      ...(mail.references.length > 0 ? { references: mail.references } : {}),
      ...(sender.name === undefined ? {} : { fromName: sender.name }),
      // A name is the sender's own word; whoever proved nothing renames nobody.
      ...(sender.name === undefined || sender.trust !== 'proven' || mail.autoSubmission
        ? {}
        : { traits: { name: sender.name } }),
      to: mail.to,
      ...(mail.cc.length > 0 ? { cc: mail.cc } : {}),
      ...(mail.date && { date: mail.date }),
      ...(mail.autoSubmission && { autoSubmitted: mail.autoSubmission }),
      attachments: content.attachments,
      ...(content.htmlKey && { htmlKey: content.htmlKey }),
      objectKey: notification.objectKey,
      verdicts: notification.verdicts,
      ...(marks.length > 0 ? { marks: [...new Set(marks)] } : {}),
    },
  };
}

function verdictMarks({ verdicts: { spam, virus } }: MailNotification): MailMark[] {
  return [
    ...(virus === 'FAIL' ? (['virus'] as const) : []),
    ...(virus === 'PASS' || virus === 'FAIL' ? [] : (['unscanned'] as const)),
    ...(spam === 'FAIL' ? (['spam'] as const) : []),
  ];
}
