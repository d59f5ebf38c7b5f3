import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Pause, realPause } from './pause.ts';

/** Primary key of an item. */
export interface ItemKey {
  pk: string;
  sk: string;
}

/** An item as plain values; binary attributes are `Uint8Array`. */
export type Item = ItemKey & Record<string, unknown>;

export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
}

/** The item is not there yet. */
export const isNew: Condition = { expression: 'attribute_not_exists(pk)' };

export interface QueryRange {
  pk: string;
  /** Inclusive bounds of the sort key. */
  from: string;
  to: string;
  descending?: boolean;
  limit?: number;
  consistent?: boolean;
}

export type PutOutcome = { stored: true } | { stored: false; existing: Item | undefined };

/** One outcome per put of a transaction; `stored` only when all of them were. */
export type TransactOutcome = { stored: true } | { stored: false; existing: (Item | undefined)[] };

/**
 * The few things that stores do with the table, each one request of the AWS SDK. The SDK's retries cover throttling;
 * what remains an error after them is thrown, so that the caller answers 5xx and the sender tries again.
 */
export interface Table {
  get(key: ItemKey, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** All items of up to 100 keys that exist, in the order of the keys; a key that is named twice gives its item twice. */
  getMany(keys: readonly ItemKey[]): Promise<Item[]>;
  query(range: QueryRange): Promise<{ items: Item[]; more: boolean }>;
  queryIndex(index: IndexRange): Promise<{ items: Item[]; next: IndexPosition | undefined }>;
  put(item: Item, condition?: Condition): Promise<PutOutcome>;
  /** Sets attributes of an existing item; false where the condition failed. */
  update(key: ItemKey, set: Record<string, unknown>, condition: Condition): Promise<boolean>;
  transact(operations: readonly TransactOperation[]): Promise<TransactOutcome>;
  /** Inserts up to 25 items with distinct keys in one request; per item whether it was stored or already there. Throws if any item met neither fate. */
  insertMany(items: readonly Item[]): Promise<('stored' | 'duplicate')[]>;
}

export type TransactOperation =
  | { put: Item; condition?: Condition }
  | { delete: ItemKey; condition?: Condition }
  /** Sets attributes of an item. */
  | { update: ItemKey; set: Record<string, unknown>; condition: Condition }
  | { check: ItemKey; condition: Condition };

export interface IndexRange {
  index: string;
  partition: { name: string; value: string };
  limit: number;
  after?: IndexPosition;
}

/** Where an index page ended: the key attributes of its last item. */
export type IndexPosition = Record<string, unknown>;

const transactAttempts = 5;
const conflictPauseMs = 10;

const marshallOptions = { removeUndefinedValues: true };

export function createTable(client: DynamoDBClient, tableName: string, pause: Pause = realPause): Table {
  const toKey = (key: ItemKey) => marshall({ pk: key.pk, sk: key.sk });
  const toItem = (attributes: Parameters<typeof unmarshall>[0]): Item => unmarshall(attributes) as Item;
  const conditionFields = (
    condition: Condition | undefined,
    values: Record<string, unknown> = {},
    names: Record<string, string> = {},
  ) => {
    const allValues = { ...values, ...condition?.values };
    const allNames = { ...names, ...condition?.names };
    return {
      ...(condition ? { ConditionExpression: condition.expression } : {}),
      ...(Object.keys(allNames).length > 0 ? { ExpressionAttributeNames: allNames } : {}),
      ...(Object.keys(allValues).length > 0 ? { ExpressionAttributeValues: marshall(allValues, marshallOptions) } : {}),
    };
  };

  const updateFields = (set: Record<string, unknown>, condition: Condition) => {
    const names: Record<string, string> = {};
    const values: Record<string, unknown> = {};
    const assignments = Object.entries(set).map(([name, value], index) => {
      names[`#set${index}`] = name;
      values[`:set${index}`] = value;
      return `#set${index} = :set${index}`;
    });
    return { UpdateExpression: `SET ${assignments.join(', ')}`, ...conditionFields(condition, values, names) };
  };

  return {
    async get(key, options = {}) {
      const result = await client.send(
        new GetItemCommand({ TableName: tableName, Key: toKey(key), ConsistentRead: options.consistent ?? false }),
      );
      return result.Item && toItem(result.Item);
    },

    async getMany(keys) {
      const found = new Map<string, Item>();
      // The service refuses a request that names a key twice.
      const distinct = new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key]));
      let pending = [...distinct.values()].map(toKey);
      while (pending.length > 0) {
        const result = await client.send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: pending } } }));
        for (const attributes of result.Responses?.[tableName] ?? []) {
          const item = toItem(attributes);
          found.set(`${item.pk}\n${item.sk}`, item);
        }
        pending = result.UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return keys.flatMap((key) => found.get(`${key.pk}\n${key.sk}`) ?? []);
    },

    async query(range) {
      const result = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: marshall({ ':pk': range.pk, ':from': range.from, ':to': range.to }),
          ScanIndexForward: !range.descending,
          ConsistentRead: range.consistent ?? false,
          ...(range.limit === undefined ? {} : { Limit: range.limit }),
        }),
      );
      return { items: (result.Items ?? []).map(toItem), more: result.LastEvaluatedKey !== undefined };
    },

    async queryIndex({ index, partition, limit, after }) {
      const result = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: index,
          KeyConditionExpression: '#partition = :partition',
          ExpressionAttributeNames: { '#partition': partition.name },
          ExpressionAttributeValues: marshall({ ':partition': partition.value }),
          Limit: limit,
          ...(after ? { ExclusiveStartKey: marshall(after) } : {}),
        }),
      );
      return {
        items: (result.Items ?? []).map(toItem),
        next: result.LastEvaluatedKey && unmarshall(result.LastEvaluatedKey),
      };
    },

    async put(item, condition) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: marshall(item, marshallOptions),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            ...conditionFields(condition),
          }),
        );
        return { stored: true };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return { stored: false, existing: error.Item && toItem(error.Item) };
      }
    },

    async update(key, set, condition) {
      try {
        await client.send(
          new UpdateItemCommand({ TableName: tableName, Key: toKey(key), ...updateFields(set, condition) }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async transact(operations) {
      const items = operations.map((operation): TransactWriteItem => {
        const common = { TableName: tableName, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
        if ('put' in operation) {
          return {
            Put: { ...common, Item: marshall(operation.put, marshallOptions), ...conditionFields(operation.condition) },
          };
        }
        if ('delete' in operation) {
          return { Delete: { ...common, Key: toKey(operation.delete), ...conditionFields(operation.condition) } };
        }
        if ('update' in operation) {
          const { condition, set, update } = operation;
          return { Update: { ...common, Key: toKey(update), ...updateFields(set, condition) } };
        }
        return {
          ConditionCheck: {
            ...common,
            Key: toKey(operation.check),
            ...conditionFields(operation.condition),
            ConditionExpression: operation.condition.expression,
          },
        };
      });
      for (let attempt = 1; ; attempt++) {
        try {
          await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
          return { stored: true };
        } catch (error) {
          const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
          if (reasons.some((reason) => reason.Code === 'ConditionalCheckFailed')) {
            return { stored: false, existing: reasons.map((reason) => reason.Item && toItem(reason.Item)) };
          }
          // No verdict about the conditions. Of a conflict with another transaction it comes a moment later (the SDK
          // does not try these again); anything else is for the caller's sender.
          const isConflict = reasons.some((reason) => reason.Code === 'TransactionConflict');
          if (!isConflict || attempt === transactAttempts) throw error;
          await pause(Math.random() * conflictPauseMs * 2 ** attempt);
        }
      }
    },

    async insertMany(items) {
      const result = await client.send(
        new BatchExecuteStatementCommand({
          Statements: items.map((item) => {
            const attributes = marshall(item, marshallOptions);
            const names = Object.keys(attributes);
            return {
              Statement: `INSERT INTO "${tableName}" VALUE {${names.map((name) => `'${name}': ?`).join(', ')}}`,
              Parameters: names.flatMap((name) => attributes[name] ?? []),
            };
          }),
        }),
      );
      return items.map((_, index) => {
        const error = result.Responses?.[index]?.Error;
        if (error === undefined) return 'stored';
        if (error.Code === 'DuplicateItem') return 'duplicate';
        throw new Error(`an insert failed with ${error.Code}`);
      });
    },
  };
}

/** A client whose retries stay within the time that a request may take. */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({ maxAttempts: 4 });
}
