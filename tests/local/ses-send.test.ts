import { appendFileSync, readdirSync } from 'node:fs';
import { MailFromDomainNotVerifiedException, MessageRejected, SendEmailCommand } from '@aws-sdk/client-ses';
import { expect, test } from 'vitest';
import type { BusEvent } from '../../local/events/eventBus.ts';
import { openOutbox } from '../../local/ses/outbox.ts';
import { fakeResource } from './events-support.ts';
import { client, practiceSet, sendRaw, start } from './ses-support.ts';

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

test('a test can have the next submissions refused', async () => {
  const { ses, mails } = start();
  ses.refuseNext('Throttling');
  ses.refuseNext('MailFromDomainNotVerifiedException');
  await expect(sendRaw('lena@example.com')).rejects.toMatchObject({ name: 'Throttling' });
  await expect(sendRaw('lena@example.com')).rejects.toBeInstanceOf(MailFromDomainNotVerifiedException);
  await sendRaw('lena@example.com');
  expect(await mails()).toHaveLength(1);
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
