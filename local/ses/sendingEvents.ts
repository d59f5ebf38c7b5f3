import { randomUUID } from 'node:crypto';
import { addressesIn, headerValue, type MailSource, unfolded } from './mailSource.ts';
import type { SentMail } from './outbox.ts';
import { type Outcome, outcomeFor } from './simulator.ts';

export type SendingEventType = 'Send' | 'Delivery' | 'Bounce' | 'Complaint' | 'Reject';

/** An event of SES's event publishing: the detail of an EventBridge event. */
export interface SendingEvent {
  eventType: SendingEventType;
  mail: Record<string, unknown>;
  [field: string]: unknown;
}

export interface SendingContext {
  region: string;
  account: string;
  /** ISO 8601, when the event happens. */
  at: string;
}

/** The names under which EventBridge knows the event types. */
export const detailTypes: Record<SendingEventType, string> = {
  Send: 'Email Sent',
  Delivery: 'Email Delivered',
  Bounce: 'Email Bounced',
  Complaint: 'Email Complaint Received',
  Reject: 'Email Rejected',
};

/** What SES publishes for an accepted message: Send, then what becomes of it at each recipient. */
export function sendingEvents(mail: SentMail, source: MailSource, context: SendingContext): SendingEvent[] {
  const described = describe(mail, source, context);
  const send: SendingEvent = { eventType: 'Send', mail: described, send: {} };
  return [send, ...mail.recipients.flatMap((recipient) => outcomeEvents(recipient, described, context))];
}

/** What SES publishes for a message that it accepted and then found to carry a virus. */
export function rejectEvent(mail: SentMail, source: MailSource, context: SendingContext): SendingEvent {
  return { eventType: 'Reject', mail: describe(mail, source, context), reject: { reason: 'Bad content' } };
}

function outcomeEvents(recipient: string, mail: Record<string, unknown>, context: SendingContext): SendingEvent[] {
  const outcome = outcomeFor(recipient);
  if (outcome === 'bounced' || outcome === 'suppressed') return [bounce(recipient, outcome, mail, context)];
  const delivered = delivery(recipient, mail, context);
  return outcome === 'complained' ? [delivered, complaint(recipient, mail, context)] : [delivered];
}

function delivery(recipient: string, mail: Record<string, unknown>, { at, region }: SendingContext): SendingEvent {
  const details = {
    timestamp: at,
    processingTimeMillis: 512,
    recipients: [recipient],
    smtpResponse: '250 2.6.0 Message received',
    reportingMTA: `b224-1.smtp-out.${region}.amazonses.com`,
  };
  return { eventType: 'Delivery', mail, delivery: details };
}

function bounce(
  recipient: string,
  outcome: Outcome,
  mail: Record<string, unknown>,
  { at }: SendingContext,
): SendingEvent {
  const diagnosticCode =
    outcome === 'suppressed'
      ? 'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.'
      : 'smtp; 550 5.1.1 user unknown';
  const details = {
    bounceType: 'Permanent',
    bounceSubType: outcome === 'suppressed' ? 'Suppressed' : 'General',
    bouncedRecipients: [{ emailAddress: recipient, action: 'failed', status: '5.1.1', diagnosticCode }],
    timestamp: at,
    feedbackId: feedbackId(),
    reportingMTA: 'dsn; simulator.amazonses.com',
  };
  return { eventType: 'Bounce', bounce: details, mail };
}

function complaint(recipient: string, mail: Record<string, unknown>, { at }: SendingContext): SendingEvent {
  const details = {
    complainedRecipients: [{ emailAddress: recipient }],
    timestamp: at,
    feedbackId: feedbackId(),
    complaintSubType: null,
    userAgent: 'Amazon SES Mailbox Simulator',
    complaintFeedbackType: 'abuse',
    arrivalDate: at,
  };
  return { eventType: 'Complaint', complaint: details, mail };
}

function feedbackId(): string {
  return `${randomUUID().replaceAll('-', '').slice(0, 16)}-${randomUUID()}-000000`;
}

function describe(mail: SentMail, source: MailSource, { region, account }: SendingContext): Record<string, unknown> {
  const headers = source.headers.map(({ name, value }) => ({ name, value: unfolded(value) }));
  const identity = mail.from.split('@')[1] ?? mail.from;
  const cc = addressesIn(headerValue(source, 'Cc'));
  return {
    timestamp: mail.at,
    source: headerValue(source, 'From') ?? mail.from,
    sourceArn: `arn:aws:ses:${region}:${account}:identity/${identity}`,
    sendingAccountId: account,
    messageId: mail.id,
    destination: mail.recipients,
    headersTruncated: false,
    headers: headers.filter(({ name }) => name.toLowerCase() !== 'bcc'),
    commonHeaders: {
      from: listed(source, 'From'),
      ...(headerValue(source, 'Reply-To') !== undefined && { replyTo: listed(source, 'Reply-To') }),
      to: listed(source, 'To'),
      ...(cc.length > 0 && { cc: listed(source, 'Cc') }),
      messageId: mail.id,
      subject: headerValue(source, 'Subject') ?? '',
    },
    tags: mail.tags,
  };
}

/** The addresses of a header with their names, one element each. */
function listed(source: MailSource, name: string): string[] {
  const value = headerValue(source, name);
  return value === undefined ? [] : value.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((address) => address.trim());
}
