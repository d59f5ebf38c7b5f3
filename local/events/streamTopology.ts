import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ListStreamsCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { openShard } from './shardReader.ts';

/** The ARN by which the engine knows the table's stream; rejects while there is none. */
export async function newestStream(
  client: DynamoDBStreamsClient,
  tableName: string,
  abortSignal: AbortSignal,
): Promise<string> {
  const listed = await client.send(new ListStreamsCommand({ TableName: tableName }), { abortSignal });
  const newest = listed.Streams?.toSorted((a, b) => (a.StreamLabel ?? '').localeCompare(b.StreamLabel ?? '')).at(-1);
  if (!newest?.StreamArn) throw new Error('the table has no stream yet');
  return newest.StreamArn;
}

/** All shards of a stream, over all pages. */
export async function listShards(
  client: DynamoDBStreamsClient,
  streamArn: string,
  abortSignal: AbortSignal,
): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const command = new DescribeStreamCommand({ StreamArn: streamArn, ...(after && { ExclusiveStartShardId: after }) });
    const page = await client.send(command, { abortSignal });
    shards.push(...(page.StreamDescription?.Shards ?? []));
    after = page.StreamDescription?.LastEvaluatedShardId;
  } while (after);
  return shards;
}

/** The newest sequence number in a shard now; undefined where it holds none. */
export async function lastSequenceNumber(
  client: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const reader = openShard(client, streamArn, shardId, undefined);
  let last: string | undefined;
  for (;;) {
    const page = await reader.next(signal);
    last = page.records.at(-1)?.dynamodb?.SequenceNumber ?? last;
    if (page.ended || page.records.length === 0) return last;
  }
}
