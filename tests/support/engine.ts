import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll } from 'vitest';
import { createTable, engineClient } from '../../local/engine/createTable.ts';
import { type Engine, startEngine } from '../../local/engine/startEngine.ts';

export interface TestEngine extends Engine {
  /** What a function or an SDK client needs in its environment to reach this engine and nothing else. */
  env: Record<string, string>;
}

/** One engine for this test file, in a temporary directory; it ends after the file's last test, with the test process at the latest. */
export async function startTestEngine(): Promise<TestEngine> {
  const engine = await startEngine();
  afterAll(() => engine.stop());
  return {
    ...engine,
    env: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: engine.endpoint,
    },
  };
}

/** The timeline table as `infra/` declares it: keys, the inbox index and the stream. */
export const timelineTable = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'inboxStatus', AttributeType: 'S' },
    { AttributeName: 'inboxSince', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'inbox',
      KeySchema: [
        { AttributeName: 'inboxStatus', KeyType: 'HASH' },
        { AttributeName: 'inboxSince', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} satisfies Omit<CreateTableCommandInput, 'TableName'>;

/** Creates it with its time to live. */
export async function createTimelineTable(endpoint: string, tableName: string): Promise<void> {
  const client = engineClient(endpoint);
  await createTable(client, { tableName, ttlAttribute: 'expiresAtSeconds', input: timelineTable });
  client.destroy();
}
