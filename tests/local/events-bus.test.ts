import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { createEventBus } from '../../local/events/eventBus.ts';
import { eventsApi } from '../../local/events/eventsApi.ts';
import { createTargets, type Targets } from '../../local/events/targets.ts';
import type { DeployedResource, InvocationResult } from '../../local/ports.ts';
import {
  failed,
  fakeClock,
  fakeDeployment,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  functionArn,
  queueArn,
  succeeded,
  temporaryDirectory,
  throttled,
} from './events-support.ts';

const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
const front = await startFront(() => undefined);
const client = new EventBridgeClient(clientSettings(front.endpoint('events')));
const running: Targets[] = [];
const directory = temporaryDirectory();
let files = 0;
const newPath = () => join(directory, `deliveries-${++files}.jsonl`);

afterEach(async () => {
  for (const targets of running.splice(0)) await targets.stop();
});
afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await front.stop();
  await fauxqs.stop();
});

const ruleArn = (logicalId: string) => `arn:aws:events:eu-central-1:000000000000:rule/practice-${logicalId}`;

function rule(logicalId: string, EventPattern: unknown, Targets: unknown[], more: Record<string, unknown> = {}) {
  return fakeResource(logicalId, 'AWS::Events::Rule', { EventPattern, Targets, ...more }, { Arn: ruleArn(logicalId) });
}

function start(resources: DeployedResource[], functions = fakeFunctions(), path = newPath()) {
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

const visit: PutEventsRequestEntry = {
  Source: 'practice.booking',
  DetailType: 'visit.booked',
  Detail: JSON.stringify({ animal: 'Minka', slots: [{ hour: 9 }] }),
};

function put(...entries: PutEventsRequestEntry[]) {
  return client.send(new PutEventsCommand({ Entries: entries }));
}

async function messagesOf(name: string) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const receive = () =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }));
  return { receive: async () => (await receive()).Messages ?? [] };
}

const toFunction = { Id: 'receive', Arn: functionArn('Receive') };

test('an event reaches the targets of every rule that matches, in the envelope of EventBridge', async () => {
  const { functions, settled } = start([
    rule('Booked', { source: ['practice.booking'] }, [toFunction]),
    rule('Cancelled', { 'detail-type': ['visit.cancelled'] }, [toFunction]),
    rule('Disabled', { source: ['practice.booking'] }, [toFunction], { State: 'DISABLED' }),
    rule('OtherBus', { source: ['practice.booking'] }, [toFunction], { EventBusName: 'partner' }),
  ]);
  const answer = await put({ ...visit, Resources: ['animal/minka'], Time: new Date('2026-01-14T08:00:00Z') });
  await settled();
  expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
  expect(functions.calls.map(({ event }) => event)).toEqual([
    {
      version: '0',
      id: answer.Entries?.[0]?.EventId,
      'detail-type': 'visit.booked',
      source: 'practice.booking',
      account: '000000000000',
      time: '2026-01-14T08:00:00Z',
      region: 'eu-central-1',
      resources: ['animal/minka'],
      detail: { animal: 'Minka', slots: [{ hour: 9 }] },
    },
  ]);
});

test('each entry is judged by itself', async () => {
  const { functions, settled } = start([rule('Booked', { source: ['practice.booking'] }, [toFunction])]);
  const answer = await put(
    { ...visit, Detail: '{' },
    { ...visit, Source: 'aws.ses' },
    { Source: 'a', Detail: '{}' },
    visit,
  );
  await settled();
  expect(answer.FailedEntryCount).toBe(3);
  expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    undefined,
  ]);
  expect(functions.calls).toHaveLength(1);
});

test('more than ten entries are refused', async () => {
  start([]);
  await expect(put(...Array.from({ length: 11 }, () => visit))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a target receives a constant, a part of the event, or a filled template', async () => {
  const pattern = { source: ['practice.booking'] };
  const template = (InputTemplate: string) => ({
    InputTransformer: {
      InputPathsMap: { animal: '$.detail.animal', first: '$.detail.slots[0]', no: '$.detail.x' },
      InputTemplate,
    },
  });
  const { functions, settled } = start([
    rule('Constant', pattern, [{ ...toFunction, Input: '{"sweep":true}' }]),
    rule('Part', pattern, [{ ...toFunction, InputPath: '$.detail.slots[0].hour' }]),
    rule('Json', pattern, [
      { ...toFunction, ...template('{"who": <animal>, "slot": <first>, "text": "for <animal>", "no": "<no>"}') },
    ]),
    rule('Text', pattern, [{ ...toFunction, ...template('"<animal> by <aws.events.rule-name> at <first>"') }]),
  ]);
  await put(visit);
  await settled();
  expect(functions.calls.map(({ event }) => event)).toEqual([
    { sweep: true },
    9,
    { who: 'Minka', slot: { hour: 9 }, text: 'for Minka', no: '' },
    'Minka by practice-Text at {"hour":9}',
  ]);
});

test('a queue receives the event as its message', async () => {
  const queue = await messagesOf('delivery-events');
  const { settled } = start([
    rule('Booked', { source: ['practice.booking'] }, [{ Id: 'q', Arn: queueArn('delivery-events') }]),
  ]);
  await put(visit);
  await settled();
  expect((await queue.receive()).map(({ Body }) => JSON.parse(Body ?? ''))).toMatchObject([
    { source: 'practice.booking', detail: { animal: 'Minka' } },
  ]);
});

test('a target that does not exist sends the event to the dead-letter queue of the rule', async () => {
  const dead = await messagesOf('rule-dead');
  const { settled } = start([
    rule('Booked', { source: ['practice.booking'] }, [
      { Id: 'q', Arn: queueArn('nowhere'), DeadLetterConfig: { Arn: queueArn('rule-dead') } },
    ]),
  ]);
  await put(visit);
  await settled();
  expect(await dead.receive()).toMatchObject([
    {
      Body: expect.stringContaining('"animal":"Minka"'),
      MessageAttributes: {
        RULE_ARN: { StringValue: ruleArn('Booked') },
        TARGET_ARN: { StringValue: queueArn('nowhere') },
        ERROR_CODE: { StringValue: 'NO_RESOURCE' },
        RETRY_ATTEMPTS: { StringValue: '0' },
      },
    },
  ]);
});

test('a function that fails is tried twice more, then its own failure queues learn of it', async () => {
  const destination = await messagesOf('receive-failed');
  const dead = await messagesOf('receive-dead');
  const target = fakeFunction('Fails');
  target.properties = { DeadLetterConfig: { TargetArn: queueArn('receive-dead') } };
  const config = fakeResource('FailsConfig', 'AWS::Lambda::EventInvokeConfig', {
    FunctionName: 'practice-Fails',
    Qualifier: '$LATEST',
    DestinationConfig: { OnFailure: { Destination: queueArn('receive-failed') } },
  });
  const toFails = { Id: 'f', Arn: functionArn('Fails'), Input: '{"animal":"Minka"}' };
  const booked = rule('Booked', { source: ['practice.booking'] }, [toFails]);
  const { functions, settled } = start(
    [target, config, booked],
    fakeFunctions(() => failed('no vet')),
  );
  await put(visit);
  await settled();
  expect(functions.calls).toHaveLength(3);
  expect((await destination.receive()).map(({ Body }) => JSON.parse(Body ?? ''))).toMatchObject([
    {
      version: '1.0',
      timestamp: '2026-01-15T10:00:00.000Z',
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { animal: 'Minka' },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no vet' },
    },
  ]);
  expect(await dead.receive()).toMatchObject([
    { Body: '{"animal":"Minka"}', MessageAttributes: { ErrorMessage: { StringValue: 'no vet' } } },
  ]);
});

test('throttling is waited out', async () => {
  const functions = fakeFunctions((_, call) => (call <= 5 ? throttled() : succeeded()));
  const { settled } = start([rule('Booked', { source: ['practice.booking'] }, [toFunction])], functions);
  await put(visit);
  await settled();
  expect(functions.calls).toHaveLength(6);
});

test('a rule whose pattern AWS would refuse is reported and the others work', async () => {
  const { functions, lines, settled } = start([
    rule('Broken', { source: 'practice.booking' }, [toFunction]),
    rule('Booked', { source: ['practice.booking'] }, [toFunction]),
  ]);
  await put(visit);
  await settled();
  expect(functions.calls).toHaveLength(1);
  expect(lines).toEqual([
    'Rule Broken is left out: Event pattern is not valid at $.source: a field holds an object or an array of conditions',
  ]);
});

test('a delivery under way when everything ends is made after the next start, a finished one is not', async () => {
  const path = newPath();
  const rules = [rule('Booked', { source: ['practice.booking'] }, [toFunction])];
  const held = Promise.withResolvers<InvocationResult>();
  const before = start(
    rules,
    fakeFunctions((_event, call) => (call === 1 ? succeeded() : held.promise)),
    path,
  );
  await put(visit);
  await before.settled();
  await put({ ...visit, Detail: JSON.stringify({ animal: 'Momo' }) });
  await expect.poll(() => before.functions.calls.length).toBe(2);
  // As after a crash: nobody tells the first platform that it is over.
  const after = start(rules, fakeFunctions(), path);
  await after.settled();
  expect(after.functions.calls.map(({ event }) => (event as { detail: object }).detail)).toEqual([{ animal: 'Momo' }]);
  held.resolve(succeeded());
});
