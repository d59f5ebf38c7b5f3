import * as z from 'zod';

/** What SES found out about a mail; what it did not look for is `DISABLED`, what is new to us counts as undecided. */
const verdictSchema = z.enum(['PASS', 'FAIL', 'GRAY', 'PROCESSING_FAILED', 'DISABLED']).catch('GRAY');
export type Verdict = z.infer<typeof verdictSchema>;

export type VerdictName = 'spam' | 'virus' | 'spf' | 'dkim' | 'dmarc';

/** A mail that SES took in and put into the bucket. */
export interface MailNotification {
  /** SES's own id; a sender's retry gets another one. */
  sesMessageId: string;
  receivedAtMs: number;
  /** The envelope's sender, empty for the null return path. */
  envelopeFrom: string;
  /** The envelope's recipients; headers may say anything. */
  recipients: string[];
  verdicts: Record<VerdictName, Verdict>;
  /** Where the original lies. */
  objectKey: string;
}

const statusSchema = z
  .object({ status: verdictSchema })
  .default({ status: 'DISABLED' })
  .transform(({ status }) => status);

const notificationSchema = z.object({
  notificationType: z.literal('Received'),
  mail: z.object({
    messageId: z.string().min(1),
    timestamp: z.iso.datetime({ offset: true }),
    source: z.string().nullish(),
  }),
  receipt: z.object({
    recipients: z.array(z.string().min(1)).min(1),
    spamVerdict: statusSchema,
    virusVerdict: statusSchema,
    spfVerdict: statusSchema,
    dkimVerdict: statusSchema,
    dmarcVerdict: statusSchema,
    action: z.object({ type: z.literal('S3'), objectKey: z.string().min(1) }),
  }),
});

const envelopeSchema = z.object({ Type: z.literal('Notification'), Message: z.string() });

/** Reads a queue message: SES's notification inside SNS's envelope, or raw. Throws where it is neither. */
export function readMailNotification(body: string): MailNotification {
  const content: unknown = JSON.parse(body);
  const wrapped = envelopeSchema.safeParse(content);
  const { mail, receipt } = notificationSchema.parse(wrapped.success ? JSON.parse(wrapped.data.Message) : content);
  return {
    sesMessageId: mail.messageId,
    receivedAtMs: Date.parse(mail.timestamp),
    envelopeFrom: (mail.source ?? '').replace(/^<(.*)>$/, '$1').trim(),
    recipients: receipt.recipients,
    verdicts: {
      spam: receipt.spamVerdict,
      virus: receipt.virusVerdict,
      spf: receipt.spfVerdict,
      dkim: receipt.dkimVerdict,
      dmarc: receipt.dmarcVerdict,
    },
    objectKey: receipt.action.objectKey,
  };
}
