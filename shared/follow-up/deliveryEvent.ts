import * as z from 'zod';

/*
 * What SES publishes about a mail, as EventBridge hands it on. Only what is used is read: SES adds fields, and the IP
 * addresses and user agents of opens and clicks are nobody's business.
 */
const time = z.iso.datetime({ offset: true });
const text = z.string().max(2_000);
const recipients = z.array(z.object({ emailAddress: text, status: text.optional(), diagnosticCode: text.optional() }));

const mailSchema = z.object({
  messageId: z.string().min(1).max(200),
  timestamp: time,
  destination: z.array(text).default([]),
  tags: z.record(z.string(), z.array(z.string())).default({}),
});

const detailSchema = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('Send'), mail: mailSchema }),
  z.object({
    eventType: z.literal('Delivery'),
    mail: mailSchema,
    delivery: z.object({ timestamp: time, recipients: z.array(text) }),
  }),
  z.object({
    eventType: z.literal('Bounce'),
    mail: mailSchema,
    bounce: z.object({
      timestamp: time,
      bounceType: text,
      bounceSubType: text.nullish(),
      bouncedRecipients: recipients,
    }),
  }),
  z.object({
    eventType: z.literal('Complaint'),
    mail: mailSchema,
    complaint: z.object({
      timestamp: time,
      complainedRecipients: recipients,
      complaintFeedbackType: text.nullish(),
    }),
  }),
  z.object({ eventType: z.literal('Reject'), mail: mailSchema, reject: z.object({ reason: text.nullish() }) }),
  z.object({
    eventType: z.literal('DeliveryDelay'),
    mail: mailSchema,
    deliveryDelay: z.object({ timestamp: time, delayType: text.nullish(), delayedRecipients: recipients }),
  }),
  z.object({ eventType: z.literal('Open'), mail: mailSchema, open: z.object({ timestamp: time }) }),
  z.object({
    eventType: z.literal('Click'),
    mail: mailSchema,
    click: z.object({ timestamp: time, link: text.nullish() }),
  }),
]);
type Detail = z.infer<typeof detailSchema>;

export type DeliveryEventType =
  | 'email.delivered'
  | 'email.bounced'
  | 'email.complained'
  | 'email.rejected'
  | 'email.delayed'
  | 'email.opened'
  | 'email.clicked';

/** What happened to a mail at one recipient. */
export interface RecipientEvent {
  type: DeliveryEventType;
  atMs: number;
  recipient: string;
  /** Whether the address must not be written to any more, and why. */
  suppresses?: 'bounce' | 'complaint';
  properties: Record<string, string>;
}

/** One event of the mail service. */
export interface DeliveryEvent {
  /** The service's id of the mail. */
  mailId: string;
  /** The mail's own tag. */
  sendKey: string | undefined;
  /** Everybody whom the mail was sent to. */
  destination: string[];
  /** Empty for `Send`, which says only that the service took the mail. */
  recipientEvents: RecipientEvent[];
}

const knownTypes: ReadonlySet<string> = new Set(detailSchema.options.map(({ shape }) => shape.eventType.value));
const envelopeSchema = z.object({ detail: z.looseObject({ eventType: z.string() }) });

/** Reads an event of the bus; undefined for a type that means nothing here. Throws for what is no event of SES. */
export function parseDeliveryEvent(body: string): DeliveryEvent | undefined {
  const { detail: raw } = envelopeSchema.parse(JSON.parse(body));
  if (!knownTypes.has(raw.eventType)) return undefined;
  const detail = detailSchema.parse(raw);
  return {
    mailId: detail.mail.messageId,
    sendKey: detail.mail.tags.sendKey?.[0],
    destination: detail.mail.destination.map(bareAddress),
    recipientEvents: recipientEventsOf(detail),
  };
}

function recipientEventsOf(detail: Detail): RecipientEvent[] {
  const { mail } = detail;
  switch (detail.eventType) {
    case 'Send':
      return [];
    case 'Delivery':
      return forEach(detail.delivery.recipients, 'email.delivered', detail.delivery.timestamp);
    case 'Bounce':
      return bounced(detail.bounce);
    case 'Complaint':
      return complained(detail.complaint, mail.destination);
    case 'Reject':
      return forEach(mail.destination, 'email.rejected', mail.timestamp, { reason: detail.reject.reason });
    case 'DeliveryDelay': {
      const { delayedRecipients, delayType, timestamp } = detail.deliveryDelay;
      return forEach(delayedRecipients.map(addressOf), 'email.delayed', timestamp, { delayType });
    }
    case 'Open':
      return forEach(mail.destination, 'email.opened', detail.open.timestamp);
    case 'Click':
      return forEach(mail.destination, 'email.clicked', detail.click.timestamp, { link: detail.click.link });
  }
}

/** A mailbox that does not exist is suppressed; one that is full or away only for now is not. */
function bounced({ bouncedRecipients, bounceSubType, bounceType, timestamp }: BounceDetail): RecipientEvent[] {
  return bouncedRecipients.flatMap(({ diagnosticCode, emailAddress, status }) =>
    forEach([emailAddress], 'email.bounced', timestamp, { bounceType, bounceSubType, status, diagnosticCode }).map(
      (event): RecipientEvent => (bounceType === 'Permanent' ? { ...event, suppresses: 'bounce' } : event),
    ),
  );
}

/** Providers may list everybody at their domain: only who was written to can have complained. */
function complained(
  { complainedRecipients, complaintFeedbackType, timestamp }: ComplaintDetail,
  destination: readonly string[],
): RecipientEvent[] {
  const written = new Set(destination.map((address) => bareAddress(address).toLowerCase()));
  const who = complainedRecipients.map(addressOf).filter((address) => written.has(bareAddress(address).toLowerCase()));
  return forEach(who, 'email.complained', timestamp, { complaintFeedbackType }).map(
    (event): RecipientEvent =>
      // Some providers report also that a mail is no spam.
      complaintFeedbackType === 'not-spam' ? event : { ...event, suppresses: 'complaint' },
  );
}

type BounceDetail = Extract<Detail, { eventType: 'Bounce' }>['bounce'];
type ComplaintDetail = Extract<Detail, { eventType: 'Complaint' }>['complaint'];

function forEach(
  addresses: readonly string[],
  type: DeliveryEventType,
  timestamp: string,
  details: Record<string, string | null | undefined> = {},
): RecipientEvent[] {
  const properties = Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  return addresses.map((address) => ({
    type,
    atMs: Date.parse(timestamp),
    recipient: bareAddress(address),
    properties,
  }));
}

function addressOf({ emailAddress }: { emailAddress: string }): string {
  return emailAddress;
}

/** `Lena Vogt <lena@example.com>` as `lena@example.com`. */
function bareAddress(address: string): string {
  return (/<([^<>]+)>\s*$/.exec(address)?.[1] ?? address).trim();
}
