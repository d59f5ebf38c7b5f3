import { randomBytes } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../events/awsNames.ts';
import type { LocalAnswer, LocalHandler, LocalRequest, ServiceEndpoints, Stoppable, TestClock } from '../ports.ts';
import { json } from '../registerLocalRoutes.ts';
import { activeReceiptRule, type ReceiptRule } from './receiptRule.ts';
import type { ReceiptRuleSets } from './receiptRuleSets.ts';
import {
  asKept,
  envelopeIn,
  type ReceivedMail,
  receivedNotification,
  type Verdict,
  type VerdictName,
  verdictNames,
  verdicts,
} from './receivedMail.ts';

export interface ReceivingOptions {
  receiptRuleSets: Pick<ReceiptRuleSets, 'activeRules'>;
  endpoints: Pick<ServiceEndpoints, 's3' | 'sns'>;
  clock: TestClock;
}

export interface Receiving extends Stoppable {
  /** The domain whose mail is received; undefined where no receipt rule is active. */
  domain: string | undefined;
  /** `POST /_local/email`. */
  handle: LocalHandler;
}

/** What SES takes for its S3 action, in bytes. */
const mostBytes = 40 * 1024 * 1024;

/**
 * Hands a raw mail to the active receipt rule as SES would: the original into the bucket, then a notification to
 * the topic. `?from=&recipient=` are the envelope, else the headers; `?spf=&dkim=&dmarc=&spam=&virus=` the verdicts,
 * else PASS. Unlike SES it takes mail for any recipient, so that the function's own care can be seen.
 */
export function startReceiving({ receiptRuleSets, endpoints, clock }: ReceivingOptions): Receiving {
  const rule = activeReceiptRule(receiptRuleSets);
  const s3 = new S3Client(clientSettings(endpoints.s3));
  const sns = new SNSClient(clientSettings(endpoints.sns));

  async function receive(mail: ReceivedMail, { bucket, prefix, topicArn }: ReceiptRule): Promise<void> {
    const objectKey = `${prefix}${mail.id}`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, Body: asKept(mail) }));
    const action = { topicArn, bucketName: bucket, objectKeyPrefix: prefix, objectKey };
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: 'Amazon SES Email Receipt Notification',
        Message: JSON.stringify(receivedNotification(mail, action)),
      }),
    );
  }

  return {
    domain: rule?.domain,
    handle: async (request) => {
      if (!rule) return problem(request, 404, 'no receipt rule is active');
      const mail = readRequest(request, rule, clock.now());
      if ('fault' in mail) return problem(request, 400, mail.fault);
      await receive(mail, rule);
      return json(200, { messageId: mail.id });
    },
    stop: async () => {
      s3.destroy();
      sns.destroy();
    },
  };
}

function readRequest({ body, query }: LocalRequest, rule: ReceiptRule, now: number): ReceivedMail | { fault: string } {
  if (body.length === 0) return { fault: 'body: must be a mail, as message/rfc822' };
  if (body.length > mostBytes) return { fault: `body: must have at most ${mostBytes} bytes` };
  const inHeaders = envelopeIn(body);
  // A "+" in a query string arrives as a space, and an address has none.
  const given = (name: string) => query.getAll(name).map((value) => value.trim().replaceAll(' ', '+'));
  const recipients = given('recipient')
    .flatMap((list) => list.split(','))
    .filter((address) => address !== '');
  const from = given('from')[0] ?? inHeaders.from;
  const all = recipients.length > 0 ? recipients : inHeaders.recipients;
  if (all.length === 0) return { fault: 'recipient: must be given where the headers name none' };
  if (!all.every((address) => address.includes('@'))) return { fault: 'recipient: must be an address' };
  if (from !== '' && !from.includes('@')) return { fault: 'from: must be an address, or empty' };
  const found: Record<string, string> = {};
  for (const name of verdictNames) {
    const scanned = name === 'spam' || name === 'virus' ? rule.scans : true;
    const verdict = query.get(name)?.toUpperCase() ?? (scanned ? 'PASS' : 'DISABLED');
    if (!isVerdict(verdict)) return { fault: `${name}: must be one of ${verdicts.join(', ')}` };
    found[name] = verdict;
  }
  return {
    id: inboundId(),
    at: new Date(now).toISOString(),
    from,
    recipients: [...new Set(all)],
    verdicts: found as Record<VerdictName, Verdict>,
    raw: body,
  };
}

function isVerdict(text: string): text is Verdict {
  return (verdicts as readonly string[]).includes(text);
}

/** Lower-case letters and digits, as SES's ids of received mails are. */
function inboundId(): string {
  return BigInt(`0x1${randomBytes(26).toString('hex')}`)
    .toString(36)
    .slice(0, 40);
}

function problem({ path }: LocalRequest, status: 400 | 404, detail: string): LocalAnswer {
  const title = status === 400 ? 'Bad Request' : 'Not Found';
  const [field = ''] = detail.split(':');
  const issues = status === 400 ? { issues: [{ path: field, message: detail.slice(field.length + 2) }] } : {};
  const document = { type: 'about:blank', title, status, detail, instance: path, ...issues };
  return { ...json(status, document), headers: { 'content-type': 'application/problem+json' } };
}
