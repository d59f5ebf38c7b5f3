import {
  BatchExecuteStatementCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { contract } from './contract.ts';
import { isGiven, startContractTable } from './endpoints.ts';

const { dynamodb, tableName: TableName } = await startContractTable();
const guide = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';
const api = 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference';

const isNew = 'attribute_not_exists(pk)';
const Key = (pk: string) => ({ pk: { S: pk }, sk: { S: '~h' } });
const Item = (pk: string, text: string) => ({ ...Key(pk), text: { S: text } });
const put = (pk: string, text: string, more: { ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' } = {}) =>
  dynamodb.send(new PutItemCommand({ TableName, Item: Item(pk, text), ConditionExpression: isNew, ...more }));
const textOf = async (pk: string) => {
  const found = await dynamodb.send(new GetItemCommand({ TableName, Key: Key(pk), ConsistentRead: true }));
  return found.Item?.text?.S;
};
/** Of each how it ended: `stored`, or the name of the error. */
const outcomes = async (works: Promise<unknown>[]) =>
  (await Promise.allSettled(works)).map((end) => (end.status === 'fulfilled' ? 'stored' : errorName(end.reason)));
const errorName = (error: unknown) => (error instanceof Error ? error.name : String(error));
const putNew = (pk: string, text: string) => ({
  Put: { TableName, Item: Item(pk, text), ConditionExpression: isNew },
});
const refusal = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof TransactionCanceledException) return error.CancellationReasons?.map(({ Code }) => Code);
  return errorName(error);
};

contract(
  'writes',
  [
    {
      behaviour: 'a condition that does not hold refuses the write, and the item stays as it is',
      source: `${guide}/Expressions.ConditionExpressions.html`,
      test: async () => {
        await put('L#refused', 'first');
        await expect(put('L#refused', 'second')).rejects.toBeInstanceOf(ConditionalCheckFailedException);
        expect(await textOf('L#refused')).toBe('first');
      },
    },
    {
      behaviour: 'of writes at the same time under one condition exactly one succeeds',
      source: `${guide}/WorkingWithItems.html`,
      test: async () => {
        const ends = await outcomes(Array.from({ length: 8 }, (_, index) => put('L#race', String(index))));
        expect(ends.toSorted()).toEqual([...Array(7).fill('ConditionalCheckFailedException'), 'stored']);
        expect(await textOf('L#race')).toBe(String(ends.indexOf('stored')));
      },
    },
    {
      behaviour: 'a refused write tells the item that stood in its way to whoever asks for it',
      source: `${api}/API_PutItem.html`,
      test: async () => {
        await put('L#told', 'first');
        const error = put('L#told', 'second', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
        await expect(error).rejects.toMatchObject({ Item: Item('L#told', 'first') });
      },
    },
    {
      behaviour: 'a transaction writes all or nothing, and tells of each part why not',
      source: `${guide}/transaction-apis.html`,
      test: async () => {
        await put('L#taken', 'first');
        const transact = dynamodb.send(
          new TransactWriteItemsCommand({ TransactItems: [putNew('L#free', 'x'), putNew('L#taken', 'x')] }),
        );
        expect(await refusal(transact)).toEqual(['None', 'ConditionalCheckFailed']);
        expect([await textOf('L#free'), await textOf('L#taken')]).toEqual([undefined, 'first']);
      },
    },
    {
      behaviour:
        'of transactions at the same time on one item one succeeds, the others learn of the condition or the conflict',
      source: `${guide}/transaction-apis.html`,
      test: async () => {
        const transact = (index: number) =>
          dynamodb.send(
            new TransactWriteItemsCommand({
              TransactItems: [putNew('L#conflict', String(index)), putNew(`L#conflict-${index}`, 'x')],
            }),
          );
        const ends = await Promise.all(
          [0, 1, 2, 3].map((index) =>
            transact(index).then(
              () => 'stored',
              (error: TransactionCanceledException) => error.CancellationReasons?.[0]?.Code,
            ),
          ),
        );
        expect(ends.filter((end) => end === 'stored')).toHaveLength(1);
        for (const end of ends) expect(['stored', 'ConditionalCheckFailed', 'TransactionConflict']).toContain(end);
        const written = await Promise.all([0, 1, 2, 3].map((index) => textOf(`L#conflict-${index}`)));
        expect(written.map((text) => text === 'x')).toEqual(ends.map((end) => end === 'stored'));
      },
    },
    {
      behaviour: 'no two parts of a transaction may write the same item',
      source: `${api}/API_TransactWriteItems.html`,
      test: async () => {
        const twice = [putNew('L#twice', 'a'), putNew('L#twice', 'b')];
        const transact = dynamodb.send(new TransactWriteItemsCommand({ TransactItems: twice }));
        expect(await refusal(transact)).toBe('ValidationException');
      },
    },
    {
      behaviour:
        'a transaction sent again with its token is done once and succeeds again; another one with that token is refused',
      source: `${api}/API_TransactWriteItems.html`,
      test: async () => {
        const send = (text: string) =>
          dynamodb.send(
            new TransactWriteItemsCommand({ ClientRequestToken: token, TransactItems: [putNew('L#token', text)] }),
          );
        const token = crypto.randomUUID();
        await send('first');
        await send('first');
        await expect(send('second')).rejects.toBeInstanceOf(IdempotentParameterMismatchException);
        expect(await textOf('L#token')).toBe('first');
      },
    },
    {
      behaviour: 'a transaction has at most 100 parts',
      source: `${api}/API_TransactWriteItems.html`,
      test: async () => {
        const send = (count: number) => {
          const TransactItems = Array.from({ length: count }, (_, index) => putNew(`L#of-${count}-${index}`, 'x'));
          return dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
        };
        await send(100);
        expect(await refusal(send(101))).toBe('ValidationException');
        expect(await textOf('L#of-101-0')).toBeUndefined();
      },
    },
    {
      behaviour: 'of several INSERT statements each succeeds or fails by itself, a known key as a duplicate',
      source: `${api}/API_BatchStatementError.html`,
      test: async () => {
        await put('L#known', 'first');
        const Statements = ['L#known', 'L#unknown'].map((pk) => ({
          Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': ?, 'text': ?}`,
          Parameters: [{ S: pk }, { S: '~h' }, { S: 'second' }],
        }));
        const { Responses } = await dynamodb.send(new BatchExecuteStatementCommand({ Statements }));
        expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual(['DuplicateItem', undefined]);
        expect([await textOf('L#known'), await textOf('L#unknown')]).toEqual(['first', 'second']);
      },
    },
    {
      behaviour: 'more than 25 statements in a batch are refused',
      source: `${guide}/ql-reference.multiplestatements.batching.html`,
      test: async () => {
        const Statements = Array.from({ length: 26 }, (_, index) => ({
          Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': ?}`,
          Parameters: [{ S: `L#batch-${index}` }, { S: '~h' }],
        }));
        expect(await refusal(dynamodb.send(new BatchExecuteStatementCommand({ Statements })))).toBe(
          'ValidationException',
        );
      },
    },
    {
      behaviour: 'an item of more than 400 KB is refused, names of attributes counted',
      source: `${guide}/Constraints.html`,
      test: async () => {
        const bytes = 400 * 1024 - 'pkL#largesk~htext'.length;
        await put('L#large', 'x'.repeat(bytes));
        expect(await refusal(put('L#large-', 'x'.repeat(bytes)))).toBe('ValidationException');
        const grow = new UpdateItemCommand({
          TableName,
          Key: Key('L#large'),
          UpdateExpression: 'SET more = :more',
          ExpressionAttributeValues: { ':more': { S: 'x' } },
        });
        expect(await refusal(dynamodb.send(grow))).toBe('ValidationException');
      },
    },
    {
      behaviour: 'a partition key has at most 2,048 bytes, a sort key 1,024, and neither is empty',
      source: `${guide}/Constraints.html`,
      test: async () => {
        const write = (pk: string, sk: string) =>
          outcomes([dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: sk } } }))]);
        expect(await write('p'.repeat(2048), 's'.repeat(1024))).toEqual(['stored']);
        expect(await write('p'.repeat(2049), 's')).toEqual(['ValidationException']);
        expect(await write('p', 's'.repeat(1025))).toEqual(['ValidationException']);
        expect(await write('', 's')).toEqual(['ValidationException']);
        expect(await write('p', '')).toEqual(['ValidationException']);
      },
    },
  ],
  { given: isGiven('DYNAMODB') },
);
