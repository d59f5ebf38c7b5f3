import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startFront } from '../../local/aws/startFront.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type Events, startEvents } from '../../local/events/startEvents.ts';
import type { DeployedResource, InvocationResult } from '../../local/ports.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import {
  fakeClock,
  fakeDeployment,
  fakeFunction,
  fakeFunctions,
  fakeResource,
  functionArn,
  queueArn,
  streamArn,
  succeeded,
  temporaryDirectory,
} from './events-support.ts';

const engine = await startTestEngine();
const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const endpoints = { dynamodb: engine.endpoint, sqs: `http://127.0.0.1:${fauxqs.port}` };
const sqs = new SQSClient(clientSettings(endpoints.sqs));
const items = engineClient(engine.endpoint);
const front = await startFront(() => undefined);
const running: Events[] = [];

afterEach(async () => {
  for (const events of running.splice(0)) await events.stop();
});
afterAll(async () => {
  sqs.destroy();
  await front.stop();
  await fauxqs.stop();
});

function mapping(logicalId: string, target: string, EventSourceArn: string, more: Record<string, unknown> = {}) {
  const properties = { EventSourceArn, FunctionName: `practice-${target}`, StartingPosition: 'TRIM_HORIZON', ...more };
  return fakeResource(logicalId, 'AWS::Lambda::EventSourceMapping', properties);
}

function start(
  resources: DeployedResource[],
  answer: (event: unknown, call: number, functionId: string) => InvocationResult | Promise<InvocationResult>,
) {
  const functions = fakeFunctions(answer);
  const lines: string[] = [];
  const clock = fakeClock();
  const events = startEvents({
    deployment: fakeDeployment(resources),
    functions,
    clock,
    endpoints,
    dataDir: temporaryDirectory(),
    log: (line) => lines.push(line),
  });
  running.push(events);
  for (const [service, handler] of Object.entries(events.handlers)) front.register(service, handler);
  return { events, functions, clock, lines, called: () => functions.calls.map(({ functionId }) => functionId) };
}

async function put(tableName: string, sk: string): Promise<void> {
  await items.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: 'L#minka' }, sk: { S: sk } } }));
}

test('drain waits for the whole chain: stream, then queue, then stream again', async () => {
  await createTimelineTable(engine.endpoint, 'chain');
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'chain' }));
  const { events, called } = start(
    [
      fakeFunction('Decide'),
      fakeFunction('Send'),
      mapping('DecideMapping', 'Decide', streamArn('chain')),
      mapping('SendMapping', 'Send', queueArn('chain')),
    ],
    async (_, call, functionId) => {
      if (functionId === 'Decide' && call < 3) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
      if (functionId === 'Send' && call < 4) await put('chain', `E#${call}`);
      return succeeded();
    },
  );
  await put('chain', 'E#0');
  await events.drain();
  expect(called()).toEqual(['Decide', 'Send', 'Decide']);
});

test('drain waits for what is caused by what had begun before', async () => {
  await createTimelineTable(engine.endpoint, 'begun');
  await createTimelineTable(engine.endpoint, 'caused');
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { events, called } = start(
    [
      fakeFunction('Project'),
      fakeFunction('Decide'),
      mapping('ProjectMapping', 'Project', streamArn('begun')),
      mapping('DecideMapping', 'Decide', streamArn('caused'), { MaximumBatchingWindowInSeconds: 1 }),
    ],
    async (_, __, functionId) => {
      if (functionId === 'Project') {
        begun.resolve();
        await released.promise;
        await put('caused', 'E#0');
      }
      return succeeded();
    },
  );
  await put('begun', 'E#0');
  await begun.promise;
  // By then the drain has looked at the stream of what is caused, and waits for this function alone.
  setTimeout(released.resolve, 300);
  await events.drain();
  expect(called()).toEqual(['Project', 'Decide']);
});

test('a mail that is sent comes back as events through a rule and its queue', async () => {
  await sqs.send(new CreateQueueCommand({ QueueName: 'delivery-events' }));
  const { events, functions } = start(
    [
      fakeFunction('ReceiveDelivery'),
      mapping('DeliveryMapping', 'ReceiveDelivery', queueArn('delivery-events'), { BatchSize: 1 }),
      fakeResource('Set', 'AWS::SES::ConfigurationSet', { Name: 'practice' }),
      fakeResource('Destination', 'AWS::SES::ConfigurationSetEventDestination', {
        ConfigurationSetName: 'practice',
        EventDestination: { MatchingEventTypes: ['bounce'], EventBridgeDestination: {} },
      }),
      fakeResource('Rule', 'AWS::Events::Rule', {
        EventPattern: { source: ['aws.ses'], detail: { mail: { tags: { sendKey: [{ exists: true }] } } } },
        Targets: [{ Id: 'queue', Arn: queueArn('delivery-events') }],
      }),
    ],
    () => succeeded(),
  );
  const client = new SESClient(clientSettings(front.endpoint('ses')));
  const Data = Buffer.from(
    'From: hello@practice.example\r\nTo: bounce@simulator.amazonses.com\r\nSubject: Due\r\n\r\nMinka is due.',
  );
  const Tags = [{ Name: 'sendKey', Value: 'abc' }];
  await client.send(new SendRawEmailCommand({ RawMessage: { Data }, ConfigurationSetName: 'practice', Tags }));
  client.destroy();
  await events.drain();
  const bodies = functions.calls.map(({ event }) =>
    JSON.parse((event as { Records: [{ body: string }] }).Records[0].body),
  );
  expect(bodies).toMatchObject([
    { 'detail-type': 'Email Bounced', detail: { eventType: 'Bounce', mail: { tags: { sendKey: ['abc'] } } } },
  ]);
  expect(events.ses.outbox.all()).toHaveLength(1);
});

test('time travel and events of functions reach their targets before drain ends', async () => {
  const { events, clock, called } = start(
    [
      fakeFunction('Sweep'),
      fakeFunction('Ship'),
      fakeResource('Daily', 'AWS::Scheduler::Schedule', {
        ScheduleExpression: 'cron(0 9 * * ? *)',
        Target: { Arn: functionArn('Sweep') },
      }),
      fakeResource('Rule', 'AWS::Events::Rule', {
        EventPattern: { source: ['practice.sweep'] },
        Targets: [{ Id: 'ship', Arn: functionArn('Ship') }],
      }),
    ],
    async (_, __, functionId) => {
      const client = new EventBridgeClient(clientSettings(front.endpoint('events')));
      const entry = { Source: 'practice.sweep', DetailType: 'swept', Detail: '{}' };
      if (functionId === 'Sweep') await client.send(new PutEventsCommand({ Entries: [entry] }));
      client.destroy();
      return succeeded();
    },
  );
  clock.advance(48 * 3_600_000);
  await events.drain();
  expect(called().toSorted()).toEqual(['Ship', 'Ship', 'Sweep', 'Sweep']);
});

test('what cannot be run is reported, the rest runs', async () => {
  await createTimelineTable(engine.endpoint, 'reported');
  const { events, lines, called } = start(
    [
      fakeFunction('Project'),
      mapping('Kinesis', 'Project', 'arn:aws:kinesis:eu-central-1:000000000000:stream/practice'),
      mapping('Nobody', 'Nobody', streamArn('reported')),
      mapping('Off', 'Project', streamArn('reported'), { Enabled: false }),
      mapping('On', 'Project', streamArn('reported')),
    ],
    () => succeeded(),
  );
  await put('reported', 'E#0');
  await events.drain();
  expect(called()).toEqual(['Project']);
  expect(lines).toEqual([
    'Mapping Kinesis is left out: kinesis as an event source is not emulated',
    'Mapping Nobody is left out: the template has no function practice-Nobody',
  ]);
});

describe('drain fails on what never ends, and names it:', () => {
  test('a stream whose function fails again and again', async () => {
    await createTimelineTable(engine.endpoint, 'stuck');
    const { events } = start([fakeFunction('Project'), mapping('On', 'Project', streamArn('stuck'))], () => ({
      ok: false,
      errorType: 'Error',
      errorMessage: 'no vet',
    }));
    await put('stuck', 'E#0');
    await expect(events.drain(100)).rejects.toThrow('Still under way after 0.1 s: Stream of stuck to Project');
  });

  test('a queue whose message is being handled', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'stuck' }));
    const handled = Promise.withResolvers<InvocationResult>();
    const { events } = start([fakeFunction('Send'), mapping('On', 'Send', queueArn('stuck'))], () => handled.promise);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await expect(events.drain(100)).rejects.toThrow(`Still under way after 0.1 s: Queue ${queueArn('stuck')} to Send`);
    handled.resolve(succeeded());
    await events.drain();
  });

  test('a schedule whose function is running', async () => {
    const swept = Promise.withResolvers<InvocationResult>();
    const daily = fakeResource('Daily', 'AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 9 * * ? *)',
      Target: { Arn: functionArn('Sweep') },
    });
    const { clock, events } = start([fakeFunction('Sweep'), daily], () => swept.promise);
    clock.advance(24 * 3_600_000);
    await expect(events.drain(100)).rejects.toThrow(/^Still under way after 0\.1 s: Scheduler/);
    swept.resolve(succeeded());
    await events.drain();
  });
});

test('the position of a table is known once all its mappings have consumed', async () => {
  await createTimelineTable(engine.endpoint, 'positions');
  const resources = ['Project', 'Decide'].flatMap((name) => [
    fakeFunction(name),
    mapping(`${name}Mapping`, name, streamArn('positions')),
  ]);
  const { events } = start(resources, () => succeeded());
  expect(events.streamPositions()).toEqual(new Map());
  for (const sk of ['E#0', 'E#1']) await put('positions', sk);
  await events.drain();
  await expect.poll(() => events.streamPositions()).toEqual(new Map([['positions', '2']]));
});

test('killed with SIGKILL and started again, every record has been delivered', async () => {
  await createTimelineTable(engine.endpoint, 'killed');
  const dataDir = temporaryDirectory();
  const child = (): ChildProcess =>
    spawn(process.execPath, ['--input-type=module', '-e', consumer(dataDir)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const delivered = () => new Set(readIfThere(`${dataDir}/delivered`).split('\n').filter(Boolean));
  const all = Array.from({ length: 60 }, (_, index) => `E#${index}`);

  const first = child();
  for (const [index, sk] of all.entries()) {
    await put('killed', sk);
    if (index === 0) await expect.poll(() => delivered().size, { timeout: 20_000, interval: 5 }).toBe(1);
    if (delivered().size >= 20) first.kill('SIGKILL');
  }
  const beforeRestart = delivered().size;
  const second = child();
  await expect.poll(() => delivered().size, { timeout: 20_000, interval: 20 }).toBe(60);
  second.kill('SIGKILL');
  const deliveries = readIfThere(`${dataDir}/delivered`).split('\n').filter(Boolean).length;
  expect(beforeRestart).toBeLessThan(60);
  // What was on its way or not yet written down comes twice, not everything.
  expect(deliveries).toBeLessThan(60 + 20);
  expect([...delivered()].toSorted()).toEqual(all.toSorted());
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A platform of its own whose function writes down what it was given. */
function consumer(dataDir: string): string {
  const source = new URL('../../local/events/startEvents.ts', import.meta.url).href;
  const resources = [fakeFunction('Project'), mapping('Mapping', 'Project', streamArn('killed'), { BatchSize: 5 })];
  return `
    import { appendFileSync } from 'node:fs';
    const { startEvents } = await import(${JSON.stringify(source)});
    const resources = ${JSON.stringify(resources)};
    startEvents({
      deployment: { ofType: (type) => resources.filter((resource) => resource.type === type) },
      functions: { invoke: async (_, event) => {
        const names = event.Records.map((record) => record.dynamodb.Keys.sk.S + '\\n');
        appendFileSync(${JSON.stringify(`${dataDir}/delivered`)}, names.join(''));
        return { ok: true, payload: null };
      } },
      clock: { now: () => Date.now(), advance: () => undefined, subscribe: () => () => undefined },
      endpoints: ${JSON.stringify(endpoints)},
      dataDir: ${JSON.stringify(dataDir)},
      log: () => undefined,
    });
  `;
}
