import { appendFileSync, readdirSync } from 'node:fs';
import {
  ConfigurationSetDoesNotExistException,
  GetSendQuotaCommand,
  MailFromDomainNotVerifiedException,
  MessageRejected,
  SESClient,
  SendEmailCommand,
  SendRawEmailCommand,
} from '@aws-sdk/client-ses';
import { afterAll, expect, test } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import type { BusEvent } from '../../local/events/eventBus.ts';
import type { DeployedResource } from '../../local/ports.ts';
import { createSes, type Ses, type SesOptions } from '../../local/ses/createSes.ts';
import { openOutbox } from '../../local/ses/outbox.ts';
import { readMail } from '../../local/ses/readMail.ts';
import { fakeClock, fakeDeployment, fakeResource, temporaryDirectory } from './events-support.ts';

const front = await startFront(() => undefined);
const client = new SESClient({ ...clientSettings(front.endpoint('ses')), maxAttempts: 1 });
const directory = temporaryDirectory();
let directories = 0;

afterAll(async () => {
  client.destroy();
  await front.stop();
});

const allTypes = ['send', 'delivery', 'bounce', 'complaint', 'reject'];

function practiceSet(types: readonly string[] = allTypes): DeployedResource[] {
  return [
    fakeResource('Set', 'AWS::SES::ConfigurationSet', { Name: 'practice' }),
    fakeResource('Destination', 'AWS::SES::ConfigurationSetEventDestination', {
      ConfigurationSetName: 'practice',
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: types,
        EventBridgeDestination: { EventBusArn: 'arn:aws:events:eu-central-1:000000000000:event-bus/default' },
      },
    }),
  ];
}

function start(resources: DeployedResource[] = practiceSet(), options: Partial<SesOptions> = {}) {
  const events: BusEvent[] = [];
  const dataDir = options.dataDir ?? `${directory}/${++directories}`;
  const ses: Ses = createSes({
    deployment: fakeDeployment(resources),
    bus: {
      publish: (event) => {
        events.push(event);
        return 'id';
      },
      runRule: async () => undefined,
    },
    clock: fakeClock(),
    dataDir,
    log: () => undefined,
    ...options,
  });
  front.register('ses', ses.handle);
  const mails = () => Promise.all(ses.outbox.all().map((mail) => readMail(ses.outbox, mail)));
  return { ses, events, mails, dataDir, types: () => events.map(({ detail }) => detail.eventType) };
}

function raw(to: string, more: string[] = [], body = 'Minka is due.'): Uint8Array {
  const headers = [
    'From: "Practice, the" <hello@practice.example>',
    `To: ${to}`,
    'Subject: Vaccination',
    'Message-ID: <own@practice.example>',
    'Date: Thu, 01 Jan 1970 00:00:00 +0000',
    ...more,
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}\r\n`);
}

function sendRaw(to: string, more: string[] = [], input: Record<string, unknown> = {}) {
  return client.send(new SendRawEmailCommand({ RawMessage: { Data: raw(to, more) }, ...input }));
}

test('SendRawEmail answers an id in the form of SES and keeps the message as it went out', async () => {
  const { mails } = start();
  const { MessageId = '' } = await sendRaw('Lena <lena@example.com>', [
    'Bcc: hidden@example.com',
    'X-SES-MESSAGE-TAGS: a=b',
  ]);
  expect(MessageId).toMatch(/^0107[0-9a-f]{12}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-000000$/);
  const [mail] = await mails();
  expect(mail).toMatchObject({
    id: MessageId,
    at: '2026-01-15T10:00:00.000Z',
    from: 'hello@practice.example',
    fromName: 'Practice, the',
    to: ['lena@example.com', 'hidden@example.com'],
    subject: 'Vaccination',
    text: 'Minka is due.\n',
    html: null,
  });
  expect(mail?.raw).toBe(
    [
      'From: "Practice, the" <hello@practice.example>',
      'To: Lena <lena@example.com>',
      'Subject: Vaccination',
      `Message-ID: <${MessageId}@eu-central-1.amazonses.com>`,
      'Date: Thu, 15 Jan 2026 10:00:00 +0000',
      '',
      'Minka is due.\r\n',
    ].join('\r\n'),
  );
});

test('Source and Destinations set the envelope, whatever the headers say', async () => {
  const { ses } = start();
  await sendRaw('lena@example.com', [], { Source: 'bounces@practice.example', Destinations: ['rex@example.com'] });
  expect(ses.outbox.all()).toMatchObject([{ from: 'bounces@practice.example', recipients: ['rex@example.com'] }]);
});

test('SendEmail composes what a reader sees, in any language', async () => {
  const { mails } = start();
  await client.send(
    new SendEmailCommand({
      Source: 'Tierarztpraxis Müller <hello@practice.example>',
      Destination: { ToAddresses: ['lena@example.com'], BccAddresses: ['rex@example.com'] },
      Message: {
        Subject: { Data: 'Fällige Impfung für Minka: bitte vereinbaren Sie bald einen Termin – wir freuen uns' },
        Body: { Text: { Data: 'Grüße' }, Html: { Data: '<p>Grüße</p>' } },
      },
    }),
  );
  expect(await mails()).toMatchObject([
    {
      fromName: 'Tierarztpraxis Müller',
      to: ['lena@example.com', 'rex@example.com'],
      subject: 'Fällige Impfung für Minka: bitte vereinbaren Sie bald einen Termin – wir freuen uns',
      text: 'Grüße',
      html: '<p>Grüße</p>',
    },
  ]);
});

test('Send and Delivery are published to the bus as SES does, with the tags of call and header', async () => {
  const { events } = start();
  const { MessageId } = await sendRaw('Lena <lena@example.com>', ['X-SES-MESSAGE-TAGS: campaign=spring, sendKey=old'], {
    ConfigurationSetName: 'practice',
    Tags: [{ Name: 'sendKey', Value: 'abc123' }],
  });
  const mail = {
    timestamp: '2026-01-15T10:00:00.000Z',
    source: '"Practice, the" <hello@practice.example>',
    sourceArn: 'arn:aws:ses:eu-central-1:000000000000:identity/practice.example',
    sendingAccountId: '000000000000',
    messageId: MessageId,
    destination: ['lena@example.com'],
    headersTruncated: false,
    headers: expect.arrayContaining([{ name: 'Subject', value: 'Vaccination' }]),
    commonHeaders: {
      from: ['"Practice, the" <hello@practice.example>'],
      to: ['Lena <lena@example.com>'],
      messageId: MessageId,
      subject: 'Vaccination',
    },
    tags: {
      'ses:operation': ['SendRawEmail'],
      'ses:configuration-set': ['practice'],
      'ses:source-ip': ['127.0.0.1'],
      'ses:from-domain': ['practice.example'],
      'ses:caller-identity': ['local'],
      campaign: ['spring'],
      sendKey: ['abc123'],
    },
  };
  const envelope = {
    source: 'aws.ses',
    resources: ['arn:aws:ses:eu-central-1:000000000000:configuration-set/practice'],
  };
  expect(events).toEqual([
    { ...envelope, detailType: 'Email Sent', detail: { eventType: 'Send', mail, send: {} } },
    {
      ...envelope,
      detailType: 'Email Delivered',
      detail: {
        eventType: 'Delivery',
        mail,
        delivery: {
          timestamp: '2026-01-15T10:00:00.000Z',
          processingTimeMillis: 512,
          recipients: ['lena@example.com'],
          smtpResponse: '250 2.6.0 Message received',
          reportingMTA: 'b224-1.smtp-out.eu-central-1.amazonses.com',
        },
      },
    },
  ]);
});

test('the simulator addresses bounce, complain and deliver', async () => {
  const { events } = start();
  const outcomes: Record<string, unknown[]> = {};
  for (const name of ['success', 'ooto', 'bounce', 'bounce+minka', 'complaint', 'suppressionlist']) {
    await sendRaw(`${name}@simulator.amazonses.com`, [], { ConfigurationSetName: 'practice' });
    outcomes[name] = events.splice(0).map(({ detailType, detail }) => [detailType, detail.bounce ?? detail.complaint]);
  }
  const bounced = (bounceSubType: string) =>
    expect.objectContaining({ bounceType: 'Permanent', bounceSubType, bouncedRecipients: [expect.anything()] });
  const abuse = expect.objectContaining({
    complaintFeedbackType: 'abuse',
    complainedRecipients: [{ emailAddress: 'complaint@simulator.amazonses.com' }],
  });
  expect(outcomes).toEqual({
    success: [
      ['Email Sent', undefined],
      ['Email Delivered', undefined],
    ],
    ooto: [
      ['Email Sent', undefined],
      ['Email Delivered', undefined],
    ],
    bounce: [
      ['Email Sent', undefined],
      ['Email Bounced', bounced('General')],
    ],
    'bounce+minka': [
      ['Email Sent', undefined],
      ['Email Bounced', bounced('General')],
    ],
    complaint: [
      ['Email Sent', undefined],
      ['Email Delivered', undefined],
      ['Email Complaint Received', abuse],
    ],
    suppressionlist: [
      ['Email Sent', undefined],
      ['Email Bounced', bounced('Suppressed')],
    ],
  });
});

test('only the types that the configuration set names are published, and without one nothing', async () => {
  const { types } = start(practiceSet(['BOUNCE', 'delivery']));
  await sendRaw('lena@example.com', ['X-SES-CONFIGURATION-SET: practice']);
  await sendRaw('lena@example.com');
  expect(types()).toEqual(['Delivery']);
});

test('a virus is accepted, rejected by an event, and delivered to nobody', async () => {
  const { types, mails } = start();
  const Data = raw('lena@example.com', [], 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*');
  await client.send(new SendRawEmailCommand({ RawMessage: { Data }, ConfigurationSetName: 'practice' }));
  expect(types()).toEqual(['Reject']);
  expect(await mails()).toEqual([]);
});

test('who is not a verified identity may not send; a domain covers its subdomains', async () => {
  start([fakeResource('Identity', 'AWS::SES::EmailIdentity', { EmailIdentity: 'practice.example' })]);
  await sendRaw('lena@example.com');
  await sendRaw('lena@example.com', [], { Source: 'bounces@mail.practice.example' });
  const stranger = sendRaw('lena@example.com', [], { Source: 'x@other.example' });
  await expect(stranger).rejects.toBeInstanceOf(MessageRejected);
  await expect(stranger).rejects.toThrow(
    'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: x@other.example',
  );
});

test('what SES refuses is refused with the same error', async () => {
  start();
  const refused = (work: Promise<unknown>) => expect(work).rejects;
  await refused(sendRaw('lena@example.com', [], { ConfigurationSetName: 'none' })).toBeInstanceOf(
    ConfigurationSetDoesNotExistException,
  );
  const invalid = { name: 'InvalidParameterValue' };
  const many = Array.from({ length: 51 }, (_, index) => `c${index}@example.com`).join(', ');
  await refused(sendRaw(many)).toMatchObject({ ...invalid, message: 'Recipient count exceeds 50.' });
  await refused(sendRaw('nobody')).toMatchObject({ ...invalid, message: 'Missing destination.' });
  await refused(sendRaw('lena@example')).toMatchObject(invalid);
  await refused(sendRaw('lena@example.com', [], { Tags: [{ Name: 'a b', Value: 'c' }] })).toMatchObject(invalid);
  const large = { RawMessage: { Data: raw('lena@example.com', [], 'x'.repeat(11_000_000)) } };
  await refused(client.send(new SendRawEmailCommand(large))).toMatchObject(invalid);
});

test('a test can have the next submissions refused', async () => {
  const { ses, mails } = start();
  ses.refuseNext('Throttling');
  ses.refuseNext('MailFromDomainNotVerifiedException');
  await expect(sendRaw('lena@example.com')).rejects.toMatchObject({ name: 'Throttling' });
  await expect(sendRaw('lena@example.com')).rejects.toBeInstanceOf(MailFromDomainNotVerifiedException);
  await sendRaw('lena@example.com');
  expect(await mails()).toHaveLength(1);
});

test('the quota counts recipients of the last 24 hours, and what exceeds a limit is throttled', async () => {
  const clock = fakeClock();
  start(practiceSet(), { clock, limits: { max24HourSend: 3, maxSendRate: 2 } });
  await sendRaw('lena@example.com, rex@example.com');
  expect(await client.send(new GetSendQuotaCommand({}))).toMatchObject({
    Max24HourSend: 3,
    MaxSendRate: 2,
    SentLast24Hours: 2,
  });
  await expect(sendRaw('lena@example.com')).rejects.toMatchObject({
    name: 'Throttling',
    message: 'Maximum sending rate exceeded.',
  });
  await expect(sendRaw('lena@example.com, rex@example.com')).rejects.toMatchObject({
    name: 'Throttling',
    message: 'Daily message quota exceeded.',
  });
  clock.advance(25 * 3_600_000);
  expect((await client.send(new GetSendQuotaCommand({}))).SentLast24Hours).toBe(0);
});

test('what was sent is there after a restart, and half a line of the index spoils nothing', async () => {
  const { ses, dataDir } = start();
  await sendRaw('lena@example.com');
  appendFileSync(`${dataDir}/mail/index.jsonl`, '{"id":"half');
  const reopened = openOutbox(`${dataDir}/mail`);
  expect(reopened.all()).toEqual(ses.outbox.all());
  expect(readdirSync(`${dataDir}/mail`)).toHaveLength(2);
});

test('after a crash the events of the last mail are published again: it may have come before them', async () => {
  const before = start();
  await sendRaw('lena@example.com', [], { ConfigurationSetName: 'practice' });
  await sendRaw('jonas@example.com', [], { ConfigurationSetName: 'practice' });
  const after = start(practiceSet(), { dataDir: before.dataDir });
  await expect.poll(() => after.types()).toEqual(['Send', 'Delivery']);
  const mailOf = ({ detail }: BusEvent) => (detail.mail as { messageId: string }).messageId;
  expect(after.events.map(mailOf)).toEqual(before.events.slice(2).map(mailOf));
});
