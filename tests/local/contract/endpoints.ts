import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { createFaults } from '../../../local/aws/createFaults.ts';
import { createMeter } from '../../../local/aws/createMeter.ts';
import { createTableEndpoint } from '../../../local/aws/createTableEndpoint.ts';
import { startFront } from '../../../local/aws/startFront.ts';
import { createClock } from '../../../local/clock/createClock.ts';
import { clientSettings } from '../../../local/events/awsNames.ts';
import { startMessaging } from '../../../local/messaging/startMessaging.ts';
import { startTestEngine, type TestEngine, timelineTable } from '../../support/engine.ts';

/** Whether the usual variables name an endpoint of this service, such as `SQS`: then that one has to keep the contract. */
export function isGiven(service: string): boolean {
  return Boolean(process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env.AWS_ENDPOINT_URL);
}

/** A name that nobody else uses; who finds it left behind knows whose it was. */
export function uniqueName(): string {
  return `throughline-contract-${randomUUID()}`;
}

export interface ContractTable {
  dynamodb: DynamoDBClient;
  streams: DynamoDBStreamsClient;
  tableName: string;
  /** The embedded engine, where no other endpoint is given. */
  engine: TestEngine | undefined;
}

/** A table like the timeline's, deleted after the file's last test. */
export async function startContractTable(): Promise<ContractTable> {
  const { engine, settings } = isGiven('DYNAMODB')
    ? { engine: undefined, settings: {} }
    : await startEmbeddedTableService();
  const dynamodb = new DynamoDBClient(settings);
  const streams = new DynamoDBStreamsClient(settings);
  const tableName = uniqueName();
  const TableName = tableName;
  await dynamodb.send(new CreateTableCommand({ ...timelineTable, TableName }));
  afterAll(async () => {
    await dynamodb.send(new DeleteTableCommand({ TableName }));
    dynamodb.destroy();
    streams.destroy();
  });
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 120, minDelay: 1 }, { TableName });
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expiresAtSeconds' };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return { dynamodb, streams, tableName, engine };
}

async function startEmbeddedTableService() {
  const engine = await startTestEngine();
  const front = await startFront(() => undefined);
  const table = createTableEndpoint({ engine: engine.endpoint, meter: createMeter(), faults: createFaults() });
  front.register('dynamodb', table.handle);
  afterAll(async () => {
    await front.stop();
    table.close();
  });
  return { engine, settings: clientSettings(front.endpoint('dynamodb')) };
}

export interface ContractQueues {
  sqs: SQSClient;
  /** Where SNS answers too, unless another endpoint is given for it. */
  settings: ReturnType<typeof clientSettings> | Record<string, never>;
  /** A queue of its own, deleted after the file's last test. */
  createQueue(attributes?: Record<string, string>): Promise<{ url: string; arn: string }>;
}

export async function startContractQueues(): Promise<ContractQueues> {
  const settings = isGiven('SQS') ? {} : await startEmbeddedMessaging();
  // Emulators name queues by hosts that only they can find.
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const urls: string[] = [];
  afterAll(async () => {
    for (const QueueUrl of urls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    sqs.destroy();
  });
  const createQueue = async (Attributes: Record<string, string> = {}) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName(), Attributes }));
    urls.push(QueueUrl);
    const found = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    return { url: QueueUrl, arn: found.Attributes?.QueueArn ?? '' };
  };
  return { sqs, settings, createQueue };
}

async function startEmbeddedMessaging() {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-contract-'));
  const messaging = await startMessaging({ dataDir, clock: createClock() });
  afterAll(async () => {
    await messaging.stop();
    rmSync(dataDir, { recursive: true });
  });
  return clientSettings(messaging.endpoint);
}
