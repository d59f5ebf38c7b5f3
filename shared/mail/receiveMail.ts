import { createHash } from 'node:crypto';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { readInteractionId } from '../timeline/timelineKeys.ts';
import { guestMessage } from './guestMessage.ts';
import { bodyHashOf } from './mailBody.ts';
import { mailboxOf } from './mailbox.ts';
import { type MailContent, mailContentOf } from './mailContent.ts';
import { mailInteraction } from './mailInteraction.ts';
import type { MailNotification } from './mailNotification.ts';
import type { MailObjects, MailPart } from './mailObjects.ts';
import { answersIn, type MailReply, type MailReplyPorts, readReply } from './mailReply.ts';
import { mailSenderOf } from './mailSender.ts';
import { type ReadMail, readMail } from './readMail.ts';

export interface ReceiveMailPorts extends MailReplyPorts {
  objects: MailObjects;
  timeline: Pick<Timeline, 'appendMany'>;
  leafOf: LeafOf;
  newId: NewId;
  /** The domain whose recipients are our mailboxes. */
  mailDomain: string;
  /** The domain in whose name our mails name themselves. */
  senderDomain: string;
}

/**
 * Takes in a mail: one interaction for each of our mailboxes that it was sent to, and for a guest's a copy in the
 * conversation. The same mail again, from the queue
 * or from a mail server that tries once more, changes nothing; whatever a mail holds, it is stored as far as it can be
 * read. Throws only where the bucket or the table does not answer, so that it comes again.
 */
export async function receiveMail(ports: ReceiveMailPorts, notification: MailNotification): Promise<Appended[]> {
  const raw = await ports.objects.readOriginal(notification.objectKey);
  const mail = await readMail(raw, notification.envelopeFrom);
  const sender = mailSenderOf(mail, notification);
  const home = ports.leafOf(sender.home);
  const bodyHash = bodyHashOf(raw);
  const content = contentOf(mail, notification, partsPrefix(home, mail, notification, bodyHash));
  // First, so that a timeline never names what is not there.
  await writeParts(ports.objects, content.parts);
  const mailId = idOf(mail, notification);
  const mailboxes = new Map(
    notification.recipients.map((recipient) => {
      const mailbox = mailboxOf(recipient, ports.mailDomain);
      return [mailbox.address, mailbox];
    }),
  );
  const answers = answersIn(mail, [ports.senderDomain, ports.mailDomain]);
  const incoming = await Promise.all(
    [...mailboxes.values()].map(async (mailbox) => {
      const { address, replyToken: token } = mailbox;
      const { receivedAtMs } = notification;
      const reply = token === undefined ? undefined : await readReply(ports, { token, home, receivedAtMs });
      const interaction = mailInteraction({ mail, notification, sender, content, mailbox, reply, answers });
      return { reply, interaction: { home, messageId: `${mailId}|${address}|${bodyHash}`, ...interaction } };
    }),
  );
  const append = (interactions: readonly IncomingInteraction[]) =>
    ports.timeline.appendMany(
      interactions.map((one) => placeInteraction(one, { newId: ports.newId, receivedAtMs: notification.receivedAtMs })),
    );
  const stored = await append(incoming.map(({ interaction }) => interaction));
  const copies = incoming.flatMap(({ interaction, reply }, index) => guestCopy(interaction, reply, stored[index]));
  return copies.length > 0 ? [...stored, ...(await append(copies))] : stored;
}

/** Nobody in the conversation waits for what a machine or a scanner's catch says. */
function guestCopy(
  mail: IncomingInteraction,
  reply: MailReply | undefined,
  stored: Appended | undefined,
): IncomingInteraction[] {
  if (reply?.kind !== 'guest' || stored === undefined || mail.properties.autoSubmitted !== undefined) return [];
  const home = readInteractionId(reply.message)?.leaf;
  return home === undefined ? [] : [guestMessage(mail, { id: stored.id, home, message: reply.message })];
}

/** Of an infected mail nothing is taken out of the original. */
function contentOf(mail: ReadMail, { verdicts }: MailNotification, prefix: string): MailContent {
  return verdicts.virus === 'FAIL' ? { attachments: [], parts: [], marks: [] } : mailContentOf(mail, prefix);
}

/** What the sender knows the mail by. Where there is nothing of the kind only the queue's repetition is recognised. */
function idOf({ messageId, date }: ReadMail, { sesMessageId }: MailNotification): string {
  return messageId ?? (date === undefined ? `ses:${sesMessageId}` : `date:${date}`);
}

/** The same for the same mail, and for no other: who knows another's mail cannot replace its parts. */
function partsPrefix(home: Leaf, mail: ReadMail, notification: MailNotification, bodyHash: string): string {
  const mailHash = createHash('sha256')
    .update(JSON.stringify([home, idOf(mail, notification), mail.subject, mail.contentHeaders, bodyHash]))
    .digest('base64url')
    .slice(0, 32);
  return `parts/${mailHash}/`;
}

const partsAtOnce = 5;

async function writeParts(objects: MailObjects, parts: readonly MailPart[]): Promise<void> {
  for (let start = 0; start < parts.length; start += partsAtOnce) {
    await Promise.all(parts.slice(start, start + partsAtOnce).map((part) => objects.writePart(part)));
  }
}
