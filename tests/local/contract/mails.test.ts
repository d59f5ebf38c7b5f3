import {
  ConfigurationSetDoesNotExistException,
  GetSendQuotaCommand,
  MessageRejected,
  SESClient,
  SendRawEmailCommand,
} from '@aws-sdk/client-ses';
import { expect } from 'vitest';
import { fakeClock, fakeResource } from '../events-support.ts';
import { client, practiceSet, raw, sendRaw, start } from '../ses-support.ts';
import { contract } from './contract.ts';
import { isGiven, uniqueName } from './endpoints.ts';

const guide = 'https://docs.aws.amazon.com/ses/latest/dg';

contract('identities', [
  {
    behaviour: 'who is no verified identity may not send',
    source: `${guide}/verify-addresses-and-domains.html`,
    test: async () => {
      start([fakeResource('Identity', 'AWS::SES::EmailIdentity', { EmailIdentity: 'practice.example' })]);
      const asked = isGiven('SES') ? new SESClient({}) : client;
      const Source = `minka@${uniqueName()}.example`;
      const stranger = asked.send(new SendRawEmailCommand({ Source, RawMessage: { Data: raw('lena@example.com') } }));
      await expect(stranger).rejects.toBeInstanceOf(MessageRejected);
      await expect(stranger).rejects.toThrow(/^Email address is not verified\./);
    },
  },
]);

contract('mails', [
  {
    behaviour: 'Source and Destinations set the envelope, whatever the headers say',
    source: 'https://docs.aws.amazon.com/ses/latest/APIReference/API_SendRawEmail.html',
    test: async () => {
      const { ses } = start();
      await sendRaw('lena@example.com', [], { Source: 'bounces@practice.example', Destinations: ['rex@example.com'] });
      expect(ses.outbox.all()).toMatchObject([{ from: 'bounces@practice.example', recipients: ['rex@example.com'] }]);
    },
  },
  {
    behaviour:
      'a mail is published to the bus when it was sent and when it was delivered, with the tags of call and header',
    source: `${guide}/monitoring-eventbridge.html`,
    test: async () => {
      const { events } = start();
      const { MessageId } = await sendRaw(
        'Lena <lena@example.com>',
        ['X-SES-MESSAGE-TAGS: campaign=spring, sendKey=old'],
        {
          ConfigurationSetName: 'practice',
          Tags: [{ Name: 'sendKey', Value: 'abc123' }],
        },
      );
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
    },
  },
  {
    behaviour: 'the simulator addresses bounce, complain and deliver',
    source: `${guide}/send-an-email-from-console.html`,
    test: async () => {
      const { events } = start();
      const outcomes: Record<string, unknown[]> = {};
      for (const name of ['success', 'ooto', 'bounce', 'bounce+minka', 'complaint', 'suppressionlist']) {
        await sendRaw(`${name}@simulator.amazonses.com`, [], { ConfigurationSetName: 'practice' });
        outcomes[name] = events
          .splice(0)
          .map(({ detailType, detail }) => [detailType, detail.bounce ?? detail.complaint]);
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
    },
  },
  {
    behaviour: 'only the types that the configuration set names are published, and without one nothing',
    source: `${guide}/monitor-sending-using-event-publishing-setup.html`,
    test: async () => {
      const { types } = start(practiceSet(['BOUNCE', 'delivery']));
      await sendRaw('lena@example.com', ['X-SES-CONFIGURATION-SET: practice']);
      await sendRaw('lena@example.com');
      expect(types()).toEqual(['Delivery']);
    },
  },
  {
    behaviour: 'a virus is accepted, rejected by an event, and delivered to nobody',
    source: `${guide}/event-publishing-retrieving-sns-contents.html`,
    test: async () => {
      const { types, mails } = start();
      const Data = raw('lena@example.com', [], 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*');
      await client.send(new SendRawEmailCommand({ RawMessage: { Data }, ConfigurationSetName: 'practice' }));
      expect(types()).toEqual(['Reject']);
      expect(await mails()).toEqual([]);
    },
  },
  {
    behaviour:
      'an unknown configuration set, more than 50 recipients, none, a broken address, a broken tag and over 10 MB are refused',
    source: `${guide}/quotas.html`,
    test: async () => {
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
    },
  },
  {
    behaviour: 'the quota counts recipients of the last 24 hours, and what exceeds a limit is throttled',
    source: `${guide}/manage-sending-quotas.html`,
    test: async () => {
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
    },
  },
]);
