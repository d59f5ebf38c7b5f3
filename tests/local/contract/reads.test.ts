import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { contract } from './contract.ts';
import { isGiven, startContractTable } from './endpoints.ts';

const { dynamodb, tableName: TableName } = await startContractTable();
const guide = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';
const api = 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference';

const put = (pk: string, sk: string, more: Record<string, AttributeValue> = {}) =>
  dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: sk }, ...more } }));
const query = (pk: string, more: Partial<QueryCommandInput> = {}) =>
  dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ...more,
    }),
  );
const inbox = (status: string, more: Partial<QueryCommandInput> = {}) =>
  query(status, { IndexName: 'inbox', KeyConditionExpression: 'inboxStatus = :pk', ...more });
const sortKeys = ({ Items = [] }: { Items?: Record<string, AttributeValue>[] | undefined }) =>
  Items.map(({ sk }) => sk?.S);
const keysOf = (pk: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ pk: { S: pk }, sk: { S: String(index) } }));
const getMany = (Keys: Record<string, AttributeValue>[]) =>
  dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));

contract(
  'reads',
  [
    {
      behaviour: 'a consistent read sees every write that was acknowledged before it',
      source: `${guide}/HowItWorks.ReadConsistency.html`,
      test: async () => {
        for (const sk of ['1', '2', '3', '4', '5']) {
          await put('L#seen', sk);
          const Key = { pk: { S: 'L#seen' }, sk: { S: sk } };
          const got = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
          expect(got.Item).toEqual(Key);
          expect(sortKeys(await query('L#seen', { ConsistentRead: true }))).toContain(sk);
        }
      },
    },
    {
      behaviour: 'consistent reads of a global secondary index are refused',
      source: `${guide}/HowItWorks.ReadConsistency.html`,
      test: async () => {
        await expect(inbox('open', { ConsistentRead: true })).rejects.toMatchObject({ name: 'ValidationException' });
      },
    },
    {
      behaviour: 'an item is in an index, after a while, as long as it has the key attributes of the index',
      source: `${guide}/GSI.html`,
      test: async () => {
        await put('L#out', '1', { inboxStatus: { S: 'waiting' } });
        await put('L#in', '1', { inboxStatus: { S: 'waiting' }, inboxSince: { S: '2026-01-01' } });
        await put('L#in', '2', { inboxStatus: { S: 'waiting' }, inboxSince: { S: '2025-01-01' } });
        await expect.poll(async () => sortKeys(await inbox('waiting')), { timeout: 10_000 }).toEqual(['2', '1']);
        await put('L#in', '2');
        await dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'L#in' }, sk: { S: '1' } } }));
        await expect.poll(async () => sortKeys(await inbox('waiting')), { timeout: 10_000 }).toEqual([]);
      },
    },
    {
      behaviour: 'an empty or otherwise typed value of an index key is refused',
      source: `${guide}/GSI.html`,
      test: async () => {
        const name = 'ValidationException';
        await expect(put('L#typed', '1', { inboxStatus: { N: '1' } })).rejects.toMatchObject({ name });
        await expect(put('L#typed', '1', { inboxStatus: { S: '' } })).rejects.toMatchObject({ name });
      },
    },
    {
      behaviour: 'sort keys are in the order of their UTF-8 bytes, backwards on demand, and BETWEEN includes both ends',
      source: `${api}/API_Query.html`,
      test: async () => {
        const sorted = ['B#1', 'E#1', 'E#10', 'E#2', 'a', '~h', 'ä', '😀'];
        for (const sk of sorted.toReversed()) await put('L#order', sk);
        expect(sortKeys(await query('L#order'))).toEqual(sorted);
        expect(sortKeys(await query('L#order', { ScanIndexForward: false }))).toEqual(sorted.toReversed());
        const between = await query('L#order', {
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: 'L#order' }, ':from': { S: 'E#1' }, ':to': { S: 'E#2' } },
        });
        expect(sortKeys(between)).toEqual(['E#1', 'E#10', 'E#2']);
      },
    },
    {
      behaviour: 'a page ends at its limit and says where, also if nothing follows',
      source: `${guide}/Query.Pagination.html`,
      test: async () => {
        for (const sk of ['1', '2']) await put('L#paged', sk);
        const first = await query('L#paged', { Limit: 2 });
        expect([sortKeys(first), first.LastEvaluatedKey?.sk]).toEqual([['1', '2'], { S: '2' }]);
        const second = await query('L#paged', { Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey });
        expect([sortKeys(second), second.LastEvaluatedKey]).toEqual([[], undefined]);
      },
    },
    {
      behaviour: 'a page ends at 1 MB',
      source: `${guide}/Query.Pagination.html`,
      test: async () => {
        const text = { S: 'x'.repeat(300 * 1024) };
        for (const sk of ['1', '2', '3', '4']) await put('L#full', sk, { text });
        const first = await query('L#full', { ProjectionExpression: 'sk' });
        expect(sortKeys(first).length).toBeLessThan(4);
        const second = await query('L#full', {
          ProjectionExpression: 'sk',
          ExclusiveStartKey: first.LastEvaluatedKey,
        });
        expect([...sortKeys(first), ...sortKeys(second)]).toEqual(['1', '2', '3', '4']);
      },
    },
    {
      behaviour: 'one request reads at most 100 items by key, none of them twice',
      source: `${api}/API_BatchGetItem.html`,
      test: async () => {
        const name = 'ValidationException';
        const found = await getMany(keysOf('L#none', 100));
        expect(found.Responses).toEqual({ [TableName]: [] });
        await expect(getMany(keysOf('L#none', 101))).rejects.toMatchObject({ name });
        await expect(getMany([...keysOf('L#none', 1), ...keysOf('L#none', 1)])).rejects.toMatchObject({ name });
      },
    },
  ],
  { given: isGiven('DYNAMODB') },
);
