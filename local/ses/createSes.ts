import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { stackIdentity } from '../events/awsNames.ts';
import type { EventBus } from '../events/eventBus.ts';
import { messageOf } from '../events/lifetime.ts';
import type { Deployment, LocalLog, ServiceHandler, TestClock } from '../ports.ts';
import { createSendingLimits, type SendingLimits } from './limits.ts';
import { addressesIn, headerValue, type MailSource, readMailSource, writeMailSource } from './mailSource.ts';
import { type Outbox, openOutbox, type SentMail } from './outbox.ts';
import { SesError } from './queryProtocol.ts';
import { openReceiptRuleSets, type ReceiptRuleSets } from './receiptRuleSets.ts';
import { detailTypes, rejectEvent, type SendingEvent, sendingEvents } from './sendingEvents.ts';
import { readSendingRules } from './sendingRules.ts';
import { sesApi } from './sesApi.ts';
import type { Submission } from './submission.ts';

export interface SesOptions {
  deployment: Deployment;
  bus: EventBus;
  clock: TestClock;
  /** Mails lie in its `mail` directory. */
  dataDir: string;
  log: LocalLog;
  limits?: SendingLimits;
}

export interface Ses {
  /** The SES v1 API: SendRawEmail, SendEmail, GetSendQuota, and receipt rules. */
  handle: ServiceHandler;
  outbox: Outbox;
  receiptRuleSets: ReceiptRuleSets;
  /** Refuses the next submissions with an error of SES's own: `Throttling`, `MessageRejected`, … */
  refuseNext(code: string, times?: number): void;
}

const mostBytes = 10 * 1024 * 1024;
const mostRecipients = 50;

/**
 * A mail service that keeps what is sent instead of delivering it, refuses what SES would refuse, and puts on the event
 * bus what SES would publish.
 */
export function createSes({ deployment, bus, clock, dataDir, log, limits }: SesOptions): Ses {
  const { region, account } = stackIdentity(deployment);
  const rules = readSendingRules(deployment, region);
  const outbox = openOutbox(join(dataDir, 'mail'));
  const receiptRuleSets = openReceiptRuleSets(join(dataDir, 'receipt-rules.json'));
  const quota = createSendingLimits(outbox, clock, limits);
  const refusals: string[] = [];

  async function send(submission: Submission): Promise<string> {
    const refusal = refusals.shift();
    if (refusal !== undefined) throw new SesError(refusal, `Refused on request: ${refusal}.`);
    const source = readMailSource(submission.raw);
    const from = check(submission, source);
    const recipients = recipientsOf(submission, source);
    quota.use(recipients.length);
    const now = clock.now();
    const id = messageId(now);
    const configurationSet = submission.configurationSet ?? headerValue(source, 'X-SES-CONFIGURATION-SET');
    if (configurationSet !== undefined) rules.checkConfigurationSet(configurationSet);
    const mail: SentMail = {
      id,
      at: new Date(now).toISOString(),
      from,
      recipients,
      ...(configurationSet !== undefined && { configurationSet }),
      tags: tagsOf(submission, source, from, configurationSet),
    };
    const context = { region, account, at: mail.at };
    if (carriesVirus(submission.raw)) publish(mail, [rejectEvent(mail, source, context)]);
    else {
      await outbox.add(mail, asSent(source, mail, region));
      publish(mail, sendingEvents(mail, source, context));
    }
    return id;
  }

  function check({ raw, source: envelopeFrom }: Submission, source: MailSource): string {
    if (raw.length > mostBytes) throw invalid(`Message length is more than ${mostBytes} bytes long: '${raw.length}'.`);
    const [headerFrom] = addressesIn(headerValue(source, 'From'));
    if (headerFrom === undefined) throw invalid("Missing required header 'From'.");
    const [from = headerFrom] = addressesIn(envelopeFrom);
    for (const address of new Set([from, headerFrom])) rules.checkSender(address);
    return from;
  }

  function publish(mail: SentMail, events: readonly SendingEvent[]): void {
    const { configurationSet } = mail;
    if (configurationSet === undefined) return;
    const resources = [`arn:aws:ses:${region}:${account}:configuration-set/${configurationSet}`];
    for (const detail of events) {
      if (!rules.publishes(configurationSet, detail.eventType)) continue;
      bus.publish({ source: 'aws.ses', detailType: detailTypes[detail.eventType], detail, resources });
    }
  }

  /** A crash may have come between the last mail and its events; who receives those knows repetitions. */
  async function publishLastAgain(): Promise<void> {
    const mail = outbox.all().at(-1);
    if (mail === undefined) return;
    const source = readMailSource(await outbox.raw(mail));
    publish(mail, sendingEvents(mail, source, { region, account, at: mail.at }));
  }

  publishLastAgain().catch((error: unknown) => log(`The last mail cannot be read: ${messageOf(error)}`));

  return {
    handle: sesApi({ send, quota: () => quota.report(), receiptRuleSets }),
    outbox,
    receiptRuleSets,
    refuseNext: (code, times = 1) => {
      for (let count = 0; count < times; count++) refusals.push(code);
    },
  };
}

function recipientsOf({ destinations }: Submission, source: MailSource): string[] {
  const given = destinations ?? ['To', 'Cc', 'Bcc'].map((name) => headerValue(source, name) ?? '');
  const recipients = [...new Set(given.flatMap(addressesIn))];
  if (recipients.length === 0) throw invalid('Missing destination.');
  if (recipients.length > mostRecipients) throw invalid(`Recipient count exceeds ${mostRecipients}.`);
  const unsound = recipients.find((address) => !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(address));
  if (unsound !== undefined) throw invalid("Missing final '@domain'");
  return recipients;
}

function tagsOf(
  submission: Submission,
  source: MailSource,
  from: string,
  configurationSet: string | undefined,
): Record<string, string[]> {
  const fromHeader = (headerValue(source, 'X-SES-MESSAGE-TAGS') ?? '').split(',').flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    return name.trim() === '' ? [] : [[name.trim(), value.join('=').trim()] as [string, string]];
  });
  const own = new Map([...fromHeader, ...submission.tags]);
  for (const [name, value] of own) {
    if (/^[\w-]{1,256}$/.test(name) && /^[\w@.-]{1,256}$/.test(value)) continue;
    throw invalid(
      `Invalid tag <${name}>: only alphanumeric ASCII characters, '_', '-' and in values '.', '@' are allowed.`,
    );
  }
  return {
    'ses:operation': [submission.operation],
    ...(configurationSet !== undefined && { 'ses:configuration-set': [configurationSet] }),
    'ses:source-ip': ['127.0.0.1'],
    'ses:from-domain': [from.split('@').at(-1) ?? ''],
    'ses:caller-identity': ['local'],
    ...Object.fromEntries([...own].map(([name, value]) => [name, [value]])),
  };
}

function invalid(message: string): SesError {
  return new SesError('InvalidParameterValue', message);
}

/** Region, milliseconds and a random part, in the form of SES's own ids. */
function messageId(now: number): string {
  return `0107${now.toString(16).padStart(12, '0')}-${randomUUID()}-000000`;
}

/** SES puts its own Message-ID and Date and takes out what is meant for itself or for nobody's eyes. */
function asSent(source: MailSource, { id, at }: SentMail, region: string): Buffer {
  const replaced = ['message-id', 'date', 'bcc', 'x-ses-configuration-set', 'x-ses-message-tags'];
  const kept = source.headers.filter(({ name }) => !replaced.includes(name.toLowerCase()));
  const headers = [
    ...kept,
    { name: 'Message-ID', value: `<${id}@${region}.amazonses.com>` },
    { name: 'Date', value: new Date(at).toUTCString().replace('GMT', '+0000') },
  ];
  return writeMailSource({ headers, body: source.body });
}

/** The EICAR test file, plain or as the beginning of an attachment. */
function carriesVirus(raw: Buffer): boolean {
  return raw.includes('EICAR-STANDARD-ANTIVIRUS-TEST-FILE') || raw.includes('WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0ND');
}
