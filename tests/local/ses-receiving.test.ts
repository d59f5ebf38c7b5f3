import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeReady } from '../../local/describeReady.ts';
import { headers, mail, practice } from '../support/mail.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let s3: S3Client;
let sqs: SQSClient;
let sns: SNSClient;
let heard: string;

beforeAll(async () => {
  platform = await startTestPlatform();
  const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  s3 = new S3Client({ ...settings, endpoint: platform.endpoints.s3 });
  sqs = new SQSClient({ ...settings, endpoint: platform.endpoints.sqs });
  sns = new SNSClient({ ...settings, endpoint: platform.endpoints.sns });
  // A second listener beside the function's own queue.
  heard = (await sqs.send(new CreateQueueCommand({ QueueName: 'heard' }))).QueueUrl ?? '';
  const TopicArn = platform.deployment.ofType('AWS::SNS::Topic')[0]?.physicalId;
  const Endpoint = 'arn:aws:sqs:eu-central-1:000000000000:heard';
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
});
afterAll(() => {
  for (const client of [s3, sqs, sns]) client.destroy();
});

const post = (body: Uint8Array, query = '') => fetch(`${platform.url}/_local/email${query}`, { method: 'POST', body });

async function notification(): Promise<Record<string, unknown>> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: heard, WaitTimeSeconds: 5 }));
  const envelope = JSON.parse(Messages[0]?.Body ?? '{}') as { Type: string; Subject: string; Message: string };
  expect(envelope).toMatchObject({ Type: 'Notification', Subject: 'Amazon SES Email Receipt Notification' });
  return JSON.parse(envelope.Message) as Record<string, unknown>;
}

test('a mail is kept and announced as SES does it, its envelope from its headers', async () => {
  const response = await post(mail(headers({ Cc: 'tom@example.com' })));
  expect(response.status).toBe(200);
  const { messageId } = (await response.json()) as { messageId: string };
  expect(messageId).toMatch(/^[a-z0-9]{40}$/);
  const told = await notification();
  const Bucket = platform.deployment.ofType('AWS::S3::Bucket')[0]?.physicalId;
  const topicArn = platform.deployment.ofType('AWS::SNS::Topic')[0]?.physicalId;
  const pass = { status: 'PASS' };
  expect(told).toEqual({
    notificationType: 'Received',
    mail: {
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      source: 'lena@example.com',
      messageId,
      destination: [practice, 'tom@example.com'],
      headersTruncated: false,
      headers: expect.arrayContaining([{ name: 'Subject', value: 'Minka' }]),
      commonHeaders: {
        returnPath: 'lena@example.com',
        from: ['"Lena Vogt" <lena@example.com>'],
        to: [practice],
        cc: ['tom@example.com'],
        date: 'Thu, 12 Mar 2026 09:55:00 +0100',
        messageId: '<minka-1@example.com>',
        subject: 'Minka',
      },
    },
    receipt: {
      timestamp: expect.any(String),
      processingTimeMillis: 222,
      recipients: [practice, 'tom@example.com'],
      spamVerdict: pass,
      virusVerdict: pass,
      spfVerdict: pass,
      dkimVerdict: pass,
      dmarcVerdict: pass,
      action: { type: 'S3', topicArn, bucketName: Bucket, objectKeyPrefix: 'raw/', objectKey: `raw/${messageId}` },
    },
  });
  const kept = await s3.send(new GetObjectCommand({ Bucket, Key: `raw/${messageId}` }));
  const text = (await kept.Body?.transformToString()) ?? '';
  expect(text).toMatch(/^Return-Path: <lena@example\.com>\r\nReceived: /);
  expect(text.endsWith(mail(headers({ Cc: 'tom@example.com' })).toString())).toBe(true);
});

test('envelope and verdicts may be given; the time is the test clock’s', async () => {
  await fetch(`${platform.url}/_local/clock`, { method: 'POST', body: '{"advance":"P300D"}' });
  await post(
    mail(headers()),
    '?from=bounce%2B1@example.com&recipient=a@vet.example&recipient=b@vet.example&spf=FAIL&dkim=gray&dmarc=FAIL&spam=FAIL&virus=DISABLED',
  );
  const told = (await notification()) as {
    mail: { timestamp: string; source: string };
    receipt: Record<string, unknown>;
  };
  expect(told.mail.source).toBe('bounce+1@example.com');
  expect(Math.abs(Date.parse(told.mail.timestamp) - platform.clock.now())).toBeLessThan(60_000);
  expect(told.receipt).toMatchObject({
    recipients: ['a@vet.example', 'b@vet.example'],
    spfVerdict: { status: 'FAIL' },
    dkimVerdict: { status: 'GRAY' },
    dmarcVerdict: { status: 'FAIL' },
    spamVerdict: { status: 'FAIL' },
    virusVerdict: { status: 'DISABLED' },
  });
});

test('many headers are told as far as SES does', async () => {
  const more = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`X-Cat-${index}`, 'm'.repeat(100)]));
  await post(mail(headers(more)));
  const told = (await notification()) as { mail: { headersTruncated: boolean } };
  expect(told.mail.headersTruncated).toBe(true);
  expect(JSON.stringify(told).length).toBeLessThan(40_000);
});

test.each([
  ['an empty body', '', '', 'body'],
  ['a mail to nobody', 'From: lena@example.com\r\n\r\nhello', '', 'recipient'],
  ['a recipient that is no address', 'From: lena@example.com\r\n\r\nhello', '?recipient=praxis', 'recipient'],
  ['a sender that is no address', `To: ${practice}\r\n\r\nhello`, '?from=lena', 'from'],
  ['a verdict that SES does not know', `To: ${practice}\r\n\r\nhello`, '?dmarc=MAYBE', 'dmarc'],
])('%s is refused with the reason', async (_name, body, query, path) => {
  const response = await post(Buffer.from(body), query);
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  expect(await response.json()).toMatchObject({ status: 400, instance: '/_local/email', issues: [{ path }] });
});

test('a mail beyond the limit of SES is refused', async () => {
  expect((await post(Buffer.alloc(41 * 1024 * 1024, 'a'))).status).toBe(400);
});

test('whoever waits for the platform is told the domain whose mail it receives', () => {
  const [line = '{}'] = describeReady(platform, { json: true, told: undefined, timeZone: 'UTC' });
  expect(JSON.parse(line)).toMatchObject({ inboundDomain: 'inbound.throughline.example' });
});

test('a stack without a receipt rule has no such helper', async () => {
  const templateDir = `${import.meta.dirname}/fixtures/practice`;
  const other = await startTestPlatform({ templateDir });
  expect([other.inboundDomain, other.serves('POST', '/_local/email')]).toEqual([undefined, false]);
  await other.stop();
});
