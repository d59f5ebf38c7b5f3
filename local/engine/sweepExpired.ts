import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from './createTable.ts';
import type { StreamStore } from './openStreamStore.ts';

/**
 * Deletes what time to live has expired by the given time in epoch seconds and returns how many items that were.
 * The deletions appear in the stream as DynamoDB's own where `streams` is given.
 */
export async function sweepExpired(
  client: DynamoDBClient,
  table: TableDefinition,
  nowSeconds: number,
  streams?: StreamStore,
): Promise<number> {
  if (!table.ttlAttribute) return 0;
  const expired = {
    TableName: table.tableName,
    ExpressionAttributeNames: { '#expires': table.ttlAttribute },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(nowSeconds)) } },
  };
  const keyNames = (table.input.KeySchema ?? []).map((key) => key.AttributeName ?? '');
  let swept = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ ...expired, FilterExpression: '#expires < :now', ...(from && { ExclusiveStartKey: from }) }),
    );
    for (const item of page.Items ?? []) {
      const key = Object.fromEntries(Object.entries(item).filter(([name]) => keyNames.includes(name)));
      // The condition again: the item may have been given a longer life meanwhile.
      const command = new DeleteItemCommand({ ...expired, Key: key, ConditionExpression: '#expires < :now' });
      if (await deleteAsExpiry(client, command, table.tableName, key, streams)) swept += 1;
    }
    from = page.LastEvaluatedKey;
  } while (from);
  return swept;
}

async function deleteAsExpiry(
  client: DynamoDBClient,
  command: DeleteItemCommand,
  tableName: string,
  key: Record<string, AttributeValue>,
  streams: StreamStore | undefined,
): Promise<boolean> {
  const deletion = async () => {
    await client.send(command);
  };
  try {
    await (streams ? streams.asExpiry(tableName, key, deletion) : deletion());
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
