import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { afterAll } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import type { BusEvent } from '../../local/events/eventBus.ts';
import type { DeployedResource } from '../../local/ports.ts';
import { createSes, type Ses, type SesOptions } from '../../local/ses/createSes.ts';
import { readMail } from '../../local/ses/readMail.ts';
import { fakeClock, fakeDeployment, fakeResource, temporaryDirectory } from './events-support.ts';

const front = await startFront(() => undefined);
export const client = new SESClient({ ...clientSettings(front.endpoint('ses')), maxAttempts: 1 });
const directory = temporaryDirectory();
let directories = 0;

afterAll(async () => {
  client.destroy();
  await front.stop();
});

const allTypes = ['send', 'delivery', 'bounce', 'complaint', 'reject'];

export function practiceSet(types: readonly string[] = allTypes): DeployedResource[] {
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

export function start(resources: DeployedResource[] = practiceSet(), options: Partial<SesOptions> = {}) {
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

export function raw(to: string, more: string[] = [], body = 'Minka is due.'): Uint8Array {
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

export function sendRaw(to: string, more: string[] = [], input: Record<string, unknown> = {}) {
  return client.send(new SendRawEmailCommand({ RawMessage: { Data: raw(to, more) }, ...input }));
}
