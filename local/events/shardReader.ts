import {
  type _Record,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';

/** Reads one shard from a position on, page by page. After a failed `next` the same page is asked for again. */
export interface ShardReader {
  next(signal: AbortSignal): Promise<{ records: readonly _Record[]; ended: boolean }>;
}

/** `after` is a sequence number; without one reading starts at the oldest record kept. */
export function openShard(
  client: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  after: string | undefined,
): ShardReader {
  let iterator: string | undefined;
  let position = after;

  async function openIterator(abortSignal: AbortSignal): Promise<string | undefined> {
    const from = position
      ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: position }
      : { ShardIteratorType: 'TRIM_HORIZON' as const };
    const shard = { StreamArn: streamArn, ShardId: shardId };
    const answer = await client.send(new GetShardIteratorCommand({ ...shard, ...from }), { abortSignal });
    return answer.ShardIterator;
  }

  return {
    next: async (abortSignal) => {
      try {
        iterator ??= await openIterator(abortSignal);
        const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 1000 }), {
          abortSignal,
        });
        iterator = page.NextShardIterator;
        const records = page.Records ?? [];
        position = records.at(-1)?.dynamodb?.SequenceNumber ?? position;
        return { records, ended: iterator === undefined };
      } catch (error) {
        iterator = undefined;
        // What was trimmed cannot be read any more: go on with what is left, as Lambda does.
        if (error instanceof TrimmedDataAccessException) position = undefined;
        if (error instanceof TrimmedDataAccessException || error instanceof ExpiredIteratorException) {
          return { records: [], ended: false };
        }
        throw error;
      }
    },
  };
}
