import {
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { expect } from 'vitest';
import { engineClient } from '../../../local/engine/createTable.ts';
import { sweepExpired } from '../../../local/engine/sweepExpired.ts';
import { timelineTable } from '../../support/engine.ts';
import { waitFor } from '../../support/platform.ts';
import { contract } from './contract.ts';
import { isGiven, startContractTable } from './endpoints.ts';

const { dynamodb, streams, tableName: TableName, engine } = await startContractTable();
const guide = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';

const key = (pk: string, sk = '~h') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, more: { sk?: string; expiresAtSeconds?: { N: string } | { S: string } } = {}) => {
  const { sk, ...attributes } = more;
  return dynamodb.send(new PutItemCommand({ TableName, Item: { ...key(pk, sk), ...attributes } }));
};
const setCount = (pk: string, count: number) =>
  dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: key(pk),
      UpdateExpression: 'SET readings = :count',
      ExpressionAttributeValues: { ':count': { N: String(count) } },
    }),
  );
const remove = (pk: string) => dynamodb.send(new DeleteItemCommand({ TableName, Key: key(pk) }));
const isThere = async (pk: string) => {
  const found = await dynamodb.send(new GetItemCommand({ TableName, Key: key(pk), ConsistentRead: true }));
  return found.Item !== undefined;
};

async function shardIterators(): Promise<(string | undefined)[]> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const from = { StreamArn, ShardIteratorType: 'TRIM_HORIZON' as const };
  const found = (StreamDescription?.Shards ?? []).map(({ ShardId }) =>
    streams.send(new GetShardIteratorCommand({ ...from, ShardId })),
  );
  return (await Promise.all(found)).map(({ ShardIterator }) => ShardIterator);
}

/** The records of a partition in their order, once there are as many. */
async function recordsOf(pk: string, count: number): Promise<_Record[]> {
  let iterators = await shardIterators();
  const found: _Record[] = [];
  return waitFor(async () => {
    const pages = iterators.flatMap((ShardIterator) =>
      ShardIterator ? [new GetRecordsCommand({ ShardIterator })] : [],
    );
    const read = await Promise.all(pages.map((page) => streams.send(page)));
    iterators = read.map(({ NextShardIterator }) => NextShardIterator);
    found.push(...read.flatMap(({ Records = [] }) => Records).filter(({ dynamodb: at }) => at?.Keys?.pk?.S === pk));
    return found.length >= count && found;
  }, 30_000);
}

/** What time to live does to the table when it is so late, in epoch seconds. */
async function expire(nowSeconds: number): Promise<void> {
  if (!engine) throw new Error('Only the embedded engine can be told to expire items.');
  const table = { tableName: TableName, ttlAttribute: 'expiresAtSeconds', input: timelineTable };
  const client = engineClient(engine.endpoint);
  await sweepExpired(client, table, nowSeconds, engine.streams);
  client.destroy();
}

contract(
  'stream and time to live',
  [
    {
      behaviour:
        'every change of an item is in the stream once, in the order of the changes, with the images before and after',
      source: `${guide}/Streams.html`,
      test: async () => {
        await put('L#minka');
        for (let count = 1; count <= 20; count++) await setCount('L#minka', count);
        await remove('L#minka');
        const records = await recordsOf('L#minka', 22);
        const seen = records.map(({ eventName, dynamodb: at }) => [
          eventName,
          at?.OldImage?.readings?.N,
          at?.NewImage?.readings?.N,
        ]);
        const modified = Array.from({ length: 19 }, (_, index) => ['MODIFY', String(index + 1), String(index + 2)]);
        expect(seen).toEqual([
          ['INSERT', undefined, undefined],
          ['MODIFY', undefined, '1'],
          ...modified,
          ['REMOVE', '20', undefined],
        ]);
        expect(records.at(-1)?.dynamodb).not.toHaveProperty('NewImage');
        expect(records.at(-1)?.userIdentity).toBeUndefined();
        const numbers = records.map(({ dynamodb: at }) => BigInt(at?.SequenceNumber ?? 0));
        expect(numbers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(numbers);
        expect(new Set(numbers).size).toBe(22);
      },
    },
    {
      behaviour: 'an item whose time is over is read and written until it is deleted, which may take days',
      source: `${guide}/ttl-expired-items.html`,
      test: async () => {
        await put('L#over', { expiresAtSeconds: { N: String(Math.floor(Date.now() / 1000) - 3600) } });
        expect(await isThere('L#over')).toBe(true);
        await setCount('L#over', 1);
        expect(await isThere('L#over')).toBe(true);
      },
    },
    {
      behaviour:
        'a deletion by time to live is in the stream as one of the service, with the old image; any other is not',
      source: `${guide}/time-to-live-ttl-streams.html`,
      embedded: true,
      test: async () => {
        await put('L#expired', { expiresAtSeconds: { N: '1900000000' } });
        await expire(1_900_000_001);
        await put('L#expired');
        await remove('L#expired');
        const records = await recordsOf('L#expired', 4);
        expect(records.map(({ eventName, userIdentity }) => [eventName, userIdentity])).toEqual([
          ['INSERT', undefined],
          ['REMOVE', { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }],
          ['INSERT', undefined],
          ['REMOVE', undefined],
        ]);
        expect(records[1]?.dynamodb?.OldImage).toEqual({ ...key('L#expired'), expiresAtSeconds: { N: '1900000000' } });
      },
    },
    {
      behaviour: 'only a number of seconds that lies in the past expires an item',
      source: `${guide}/TTL.html`,
      embedded: true,
      test: async () => {
        const at = 1_900_000_000;
        await put('L#text', { expiresAtSeconds: { S: '1' } });
        await put('L#none');
        await put('L#later', { expiresAtSeconds: { N: String(at + 1) } });
        await put('L#milliseconds', { expiresAtSeconds: { N: String((at - 1) * 1000) } });
        await put('L#past', { expiresAtSeconds: { N: String(at - 1) } });
        await expire(at);
        const left = await Promise.all(['L#text', 'L#none', 'L#later', 'L#milliseconds', 'L#past'].map(isThere));
        expect(left).toEqual([true, true, true, true, false]);
      },
    },
  ],
  { given: isGiven('DYNAMODB') },
);
