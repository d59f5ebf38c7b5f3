import type { IncomingInteraction } from '../timeline/placeInteraction.ts';
import { withoutReplyToken } from '../token/replyAddress.ts';
import type { Mailbox } from './mailbox.ts';
import type { MailContent } from './mailContent.ts';
import type { MailMark } from './mailMark.ts';
import type { MailNotification } from './mailNotification.ts';
import type { MailReply } from './mailReply.ts';
import type { MailSender } from './mailSender.ts';
import type { ReadMail } from './readMail.ts';

/** A mail as it stands on the timeline. Its HTML, its attachments and the original lie in the bucket, by their keys. */
export function mailInteraction({
  mail,
  notification,
  sender,
  content,
  mailbox,
  reply,
  answers,
}: {
  mail: ReadMail;
  notification: MailNotification;
  sender: MailSender;
  content: MailContent;
  mailbox: Mailbox;
  /** Where it came to an address for replies. */
  reply: MailReply | undefined;
  /** Ids of our messages that it refers to. */
  answers: readonly string[];
}): Omit<IncomingInteraction, 'home' | 'messageId'> {
  const marks = [
    ...mail.marks,
    ...sender.marks,
    ...content.marks,
    ...verdictMarks(notification),
    ...(mailbox.isKnown ? [] : (['unknown-recipient'] as const)),
    ...(reply?.kind === 'broken' ? (['broken-reply-address'] as const) : []),
  ];
  return {
    type: 'message.received',
    channel: 'email',
    direction: 'inbound',
    source: mailbox.source,
    touchpoint: mailbox.touchpoint,
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
      to: mail.to.map(withoutReplyToken),
      ...(mail.cc.length > 0 ? { cc: mail.cc.map(withoutReplyToken) } : {}),
      ...(mail.date && { date: mail.date }),
      ...(mail.autoSubmission && { autoSubmitted: mail.autoSubmission }),
      ...replyProperties(reply, mail),
      ...(answers.length > 0 ? { answers } : {}),
      attachments: content.attachments,
      ...(content.htmlKey && { htmlKey: content.htmlKey }),
      objectKey: notification.objectKey,
      verdicts: notification.verdicts,
      ...(marks.length > 0 ? { marks: [...new Set(marks)] } : {}),
    },
  };
}

/** A machine's answer belongs to the conversation, but nobody has read our mail: it says nothing about who is who. */
function replyProperties(reply: MailReply | undefined, { autoSubmission }: ReadMail): Record<string, unknown> {
  if (reply?.kind === 'guest') return { guestOf: reply.message };
  if (reply?.kind !== 'reply') return {};
  const { leaf, message, type } = reply;
  return { reply: autoSubmission ? { message } : { message, leaf, type } };
}

function verdictMarks({ verdicts: { spam, virus } }: MailNotification): MailMark[] {
  return [
    ...(virus === 'FAIL' ? (['virus'] as const) : []),
    ...(virus === 'PASS' || virus === 'FAIL' ? [] : (['unscanned'] as const)),
    ...(spam === 'FAIL' ? (['spam'] as const) : []),
  ];
}
