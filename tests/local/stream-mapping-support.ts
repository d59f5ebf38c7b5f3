import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, afterEach } from 'vitest';
import { createTable, engineClient } from '../../local/engine/createTable.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type StreamMapping, startStreamMapping } from '../../local/events/streamMapping.ts';
import { startTestEngine } from '../support/engine.ts';
import {
  type FakeFunctions,
  fakeClock,
  fakeFunction,
  fakeResource,
  streamArn,
  temporaryDirectory,
} from './events-support.ts';

export const engine = await startTestEngine();
const fauxqs = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
const sqs = new SQSClient(clientSettings(`http://127.0.0.1:${fauxqs.port}`));
export const items = engineClient(engine.endpoint);
const directory = temporaryDirectory();
const running: StreamMapping[] = [];
let tables = 0;

/** The name that the next table will have. */
export const nextTableName = () => `patients-${tables + 1}`;

afterEach(async () => {
  await Promise.all(running.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  sqs.destroy();
  await fauxqs.stop();
});

export async function newTable(): Promise<string> {
  const tableName = `patients-${++tables}`;
  await createTable(items, {
    tableName,
    input: {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  });
  return tableName;
}

export async function put(tableName: string, pk: string, ...names: string[]): Promise<void> {
  for (const sk of names) {
    await items.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: pk }, sk: { S: sk } } }));
  }
}

/** Feeds a function from a table's stream; it stops after the test. */
export function start(
  tableName: string,
  functions: FakeFunctions,
  properties: Record<string, unknown> = {},
): StreamMapping {
  const mapping = startStreamMapping({
    mapping: fakeResource('ProjectMapping', 'AWS::Lambda::EventSourceMapping', {
      EventSourceArn: streamArn(tableName),
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    }),
    target: fakeFunction('Project'),
    functions,
    clock: fakeClock(),
    endpoints: { dynamodb: engine.endpoint },
    sqs,
    checkpointPath: join(directory, `${tableName}.json`),
    log: () => undefined,
    backoff: { firstMs: 1, mostMs: 5 },
  });
  running.push(mapping);
  return mapping;
}

export interface StreamEvent {
  Records: {
    eventName: string;
    dynamodb: {
      SequenceNumber: string;
      Keys: { pk: { S: string }; sk: { S: string } };
      NewImage?: { version?: { N: string } };
    };
  }[];
}

export function batches(functions: FakeFunctions): string[][] {
  return functions.calls.map(({ event }) => (event as StreamEvent).Records.map((record) => record.dynamodb.Keys.sk.S));
}

export function sequenceNumberOf(event: unknown, sk: string): string | undefined {
  return (event as StreamEvent).Records.find((record) => record.dynamodb.Keys.sk.S === sk)?.dynamodb.SequenceNumber;
}

export async function newQueue(name: string): Promise<{ receive(): Promise<unknown[]> }> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return {
    receive: async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return Messages.map((message) => JSON.parse(message.Body ?? ''));
    },
  };
}
