import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, expect } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { createEventBus } from '../../local/events/eventBus.ts';
import { eventsApi } from '../../local/events/eventsApi.ts';
import { createTargets, type Targets } from '../../local/events/targets.ts';
import type { DeployedResource } from '../../local/ports.ts';
import {
  fakeClock,
  fakeDeployment,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  functionArn,
  temporaryDirectory,
} from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const front = await startFront(() => undefined);
const client = new EventBridgeClient(clientSettings(front.endpoint('events')));
const running: Targets[] = [];
const directory = temporaryDirectory();
let files = 0;
export const newPath = () => join(directory, `deliveries-${++files}.jsonl`);

afterEach(async () => {
  for (const targets of running.splice(0)) await targets.stop();
});
afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await front.stop();
  await fauxqs.stop();
});

export const ruleArn = (logicalId: string) => `arn:aws:events:eu-central-1:000000000000:rule/practice-${logicalId}`;

export function rule(logicalId: string, EventPattern: unknown, Targets: unknown[], more: Record<string, unknown> = {}) {
  return fakeResource(logicalId, 'AWS::Events::Rule', { EventPattern, Targets, ...more }, { Arn: ruleArn(logicalId) });
}

export function start(resources: DeployedResource[], functions = fakeFunctions(), path = newPath()) {
  const deployment = fakeDeployment([fakeFunction('Receive'), ...resources]);
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const clock = fakeClock();
  const targets = createTargets({ deployment, functions, clock, sqs, path, log, backoff: { firstMs: 1, mostMs: 2 } });
  running.push(targets);
  const bus = createEventBus({ deployment, targets, clock, log });
  front.register('events', eventsApi(bus));
  const settled = () => expect.poll(() => targets.pending(), { interval: 2 }).toBe(0);
  return { bus, functions, lines, settled };
}

export const visit: PutEventsRequestEntry = {
  Source: 'practice.booking',
  DetailType: 'visit.booked',
  Detail: JSON.stringify({ animal: 'Minka', slots: [{ hour: 9 }] }),
};

export function put(...entries: PutEventsRequestEntry[]) {
  return client.send(new PutEventsCommand({ Entries: entries }));
}

export async function messagesOf(name: string) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const receive = () =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }));
  return { receive: async () => (await receive()).Messages ?? [] };
}

export const toFunction = { Id: 'receive', Arn: functionArn('Receive') };
