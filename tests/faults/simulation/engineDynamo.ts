import { isDeepStrictEqual } from 'node:util';
import {
  BatchGetItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  type PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { engineClient } from '../../../local/engine/createTable.ts';
import { startEngine } from '../../../local/engine/startEngine.ts';
import { createTimelineTable } from '../../support/engine.ts';
import type { Attributes } from './expressions.ts';
import type { DynamoRequest, ImageChange } from './memoryDynamo.ts';
import type { Stage, StageTable } from './stage.ts';

/** Starts the embedded engine; every table that is opened on it is a new one, and gone when it is closed. */
export async function startEngineStage(): Promise<Stage & { stop(): Promise<void> }> {
  const engine = await startEngine();
  const client = engineClient(engine.endpoint);
  const streams = new DynamoDBStreamsClient({
    endpoint: engine.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let opened = 0;
  return {
    open: async () => {
      const tableName = `simulation-${opened++}`;
      await createTimelineTable(engine.endpoint, tableName);
      return openTable(client, streams, tableName);
    },
    stop: async () => {
      client.destroy();
      streams.destroy();
      await engine.stop();
    },
  };
}

/** A table on the engine. A request's turn ends when its changes have been read from the stream. */
async function openTable(
  client: DynamoDBClient,
  streams: DynamoDBStreamsClient,
  tableName: string,
): Promise<StageTable> {
  const changes: ImageChange[] = [];
  let position = await beginningOf(client, streams, tableName);
  let moment = 0;

  async function readChanges(): Promise<void> {
    const { NextShardIterator, Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator: position }));
    position = NextShardIterator;
    for (const { dynamodb: { NewImage: newImage, OldImage: oldImage } = {} } of Records) {
      // Unlike the service, the engine tells also of a write that changed nothing.
      if (!isDeepStrictEqual(newImage, oldImage)) changes.push({ moment, newImage, oldImage });
    }
  }

  return {
    tableName,
    changes,
    execute: async (request) => {
      moment++;
      // Every command of the union has its answer; the client only wants to be told which one it is.
      const answer = await client.send(request as PutItemCommand);
      if (!isRead(request)) await readChanges();
      return answer;
    },
    items: async () => {
      const items: Attributes[] = [];
      let ExclusiveStartKey: Attributes | undefined;
      do {
        const page = await client.send(
          new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey }),
        );
        items.push(...(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return items;
    },
    close: async () => void (await client.send(new DeleteTableCommand({ TableName: tableName }))),
  };
}

async function beginningOf(
  client: DynamoDBClient,
  streams: DynamoDBStreamsClient,
  tableName: string,
): Promise<string | undefined> {
  const { Table: { LatestStreamArn: StreamArn } = {} } = await client.send(
    new DescribeTableCommand({ TableName: tableName }),
  );
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn,
      ShardId: StreamDescription?.Shards?.[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  return ShardIterator;
}

function isRead(request: DynamoRequest): boolean {
  return request instanceof GetItemCommand || request instanceof BatchGetItemCommand || request instanceof QueryCommand;
}
