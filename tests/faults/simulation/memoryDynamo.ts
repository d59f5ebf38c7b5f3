import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  type BatchExecuteStatementCommand,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Attributes, assignmentsOf, conditionHolds, type Placeholders } from './expressions.ts';

/** A request of the SDK, one of those that `shared/platform/table.ts` makes. */
export type DynamoRequest =
  | GetItemCommand
  | BatchGetItemCommand
  | QueryCommand
  | PutItemCommand
  | UpdateItemCommand
  | TransactWriteItemsCommand
  | BatchExecuteStatementCommand;

/** Carries out a request as the service does: its answer, or one of its exceptions. */
export type Execute = (request: DynamoRequest) => Promise<object>;

/** What a stream with new and old images tells of one change. */
export interface ImageChange {
  /** Number of the request that made it: a transaction's changes share it. */
  moment: number;
  newImage: Attributes | undefined;
  oldImage: Attributes | undefined;
}

export interface MemoryDynamo {
  execute: Execute;
  /** Every change since the beginning, in the order in which they were made. */
  changes: ImageChange[];
  items(): Attributes[];
  /** Puts an item as it is, without telling the stream. */
  load(item: Attributes): void;
}

/** What hands requests of the SDK over to something else than the service. */
export function clientOf(execute: Execute): DynamoDBClient {
  return { send: execute } as unknown as DynamoDBClient;
}

/** One table with the keys `pk` and `sk`, its index `inbox` and its stream, in memory. A request takes effect at one moment. */
export function createMemoryDynamo(): MemoryDynamo {
  const partitions = new Map<string, Map<string, Attributes>>();
  const changes: ImageChange[] = [];
  let moment = 0;

  const find = (key: Attributes): Attributes | undefined => partitions.get(pkOf(key))?.get(skOf(key));
  const load = (item: Attributes) => {
    const partition = partitions.get(pkOf(item)) ?? new Map<string, Attributes>();
    partitions.set(pkOf(item), partition.set(skOf(item), item));
  };
  const put = (item: Attributes) => {
    const oldImage = find(item);
    load(item);
    // A write that changes nothing is not told.
    if (!isDeepStrictEqual(oldImage, item)) changes.push({ moment, newImage: item, oldImage });
  };
  const remove = (key: Attributes) => {
    const oldImage = find(key);
    partitions.get(pkOf(key))?.delete(skOf(key));
    if (oldImage) changes.push({ moment, newImage: undefined, oldImage });
  };
  const holds = (fields: Placeholders & { ConditionExpression?: string | undefined }, item: Attributes | undefined) =>
    fields.ConditionExpression === undefined || conditionHolds(fields.ConditionExpression, fields, item);

  function transact(operations: readonly TransactWriteItem[]): void {
    const writes = operations.map(writeOf);
    const names = new Set(writes.map(({ key }) => `${pkOf(key)}\n${skOf(key)}`));
    if (names.size !== writes.length) throw new Error('a transaction names an item twice');
    const failed = writes.map((write) => !holds(write, find(write.key)));
    if (failed.includes(true)) {
      throw new TransactionCanceledException({
        message: 'Transaction cancelled',
        $metadata: {},
        CancellationReasons: writes.map(({ key }, index) => {
          const existing = find(key);
          return failed[index]
            ? { Code: 'ConditionalCheckFailed', ...(existing ? { Item: existing } : {}) }
            : { Code: 'None' };
        }),
      });
    }
    for (const { key, item, isDelete, UpdateExpression: expression, ...rest } of writes) {
      if (item) put(item);
      else if (isDelete) remove(key);
      else if (expression) put({ ...(find(key) ?? key), ...assignmentsOf(expression, rest) });
    }
  }

  function query(input: QueryCommandInput): object {
    const { ExclusiveStartKey: start, Limit: limit = Number.POSITIVE_INFINITY, ScanIndexForward = true } = input;
    const { found, sortOf } = input.IndexName === undefined ? byKey(input) : byIndex(input);
    const sorted = found.sort((one, other) => (sortOf(one) < sortOf(other) ? -1 : 1));
    if (!ScanIndexForward) sorted.reverse();
    const after = start && sortOf(start);
    const left = sorted.filter(
      (item) => after === undefined || (ScanIndexForward ? sortOf(item) > after : sortOf(item) < after),
    );
    const page = left.slice(0, limit);
    const last = page.at(-1);
    // As the service has it: a page that the limit ended tells where, also if nothing comes behind it.
    return { Items: page, ...(last && page.length === limit ? { LastEvaluatedKey: positionOf(last, input) } : {}) };
  }

  function byKey({ KeyConditionExpression, ExpressionAttributeValues: values = {} }: QueryCommandInput) {
    if (KeyConditionExpression !== 'pk = :pk AND sk BETWEEN :from AND :to') throw new Error('a query of another form');
    const [from, to] = [values[':from']?.S ?? '', values[':to']?.S ?? ''];
    const partition = partitions.get(values[':pk']?.S ?? '') ?? new Map<string, Attributes>();
    const found = [...partition.values()].filter((item) => skOf(item) >= from && skOf(item) <= to);
    return { found, sortOf: skOf };
  }

  function byIndex({ IndexName, KeyConditionExpression, ExpressionAttributeValues: values = {} }: QueryCommandInput) {
    if (IndexName !== 'inbox' || KeyConditionExpression !== '#partition = :partition') {
      throw new Error('a query of another form');
    }
    const status = values[':partition']?.S;
    const found = items().filter((item) => item.inboxStatus?.S === status && item.inboxSince?.S !== undefined);
    return { found, sortOf: (item: Attributes) => `${item.inboxSince?.S} ${pkOf(item)} ${skOf(item)}` };
  }

  function insert({ Statement, Parameters = [] }: { Statement?: string | undefined; Parameters?: unknown }): object {
    const [, list] = /^INSERT INTO "[^"]+" VALUE \{(.*)\}$/.exec(Statement ?? '') ?? [];
    if (list === undefined || !Array.isArray(Parameters)) throw new Error('a statement of another form');
    const values: readonly AttributeValue[] = Parameters;
    const names = list.split(', ').map((field) => /^'(\w+)': \?$/.exec(field)?.[1] ?? '');
    if (names.length !== Parameters.length || names.includes('')) throw new Error('a statement of another form');
    const item: Attributes = Object.fromEntries(
      names.flatMap((name, index) => (values[index] ? [[name, values[index]]] : [])),
    );
    if (find(item)) return { Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' } };
    put(item);
    return { TableName: 'timeline' };
  }

  function items(): Attributes[] {
    return [...partitions.values()].flatMap((partition) => [...partition.values()]);
  }

  function answer(request: DynamoRequest): object {
    moment++;
    if (request instanceof GetItemCommand) {
      const item = find(request.input.Key ?? {});
      return item ? { Item: item } : {};
    }
    if (request instanceof BatchGetItemCommand) {
      const [[table, { Keys = [] } = {}] = ['']] = Object.entries(request.input.RequestItems ?? {});
      const found = Keys.map(find).filter((item) => item !== undefined);
      return { Responses: { [table]: found }, UnprocessedKeys: {} };
    }
    if (request instanceof QueryCommand) return query(request.input);
    if (request instanceof PutItemCommand) {
      const { Item: item = {} } = request.input;
      const existing = find(item);
      if (!holds(request.input, existing)) throw conditionFailed(existing);
      put(item);
      return {};
    }
    if (request instanceof UpdateItemCommand) {
      const { Key = {}, UpdateExpression = '' } = request.input;
      const existing = find(Key);
      if (!holds(request.input, existing)) throw conditionFailed(undefined);
      put({ ...(existing ?? Key), ...assignmentsOf(UpdateExpression, request.input) });
      return {};
    }
    if (request instanceof TransactWriteItemsCommand) {
      transact(request.input.TransactItems ?? []);
      return {};
    }
    return { Responses: (request.input.Statements ?? []).map(insert) };
  }

  return { execute: async (request) => answer(request), changes, items, load };
}

interface Write extends Placeholders {
  key: Attributes;
  item?: Attributes;
  isDelete?: true;
  UpdateExpression?: string | undefined;
  ConditionExpression?: string | undefined;
}

function writeOf({ ConditionCheck, Delete, Put, Update }: TransactWriteItem): Write {
  if (Put?.Item) return { ...Put, key: Put.Item, item: Put.Item };
  if (Delete?.Key) return { ...Delete, key: Delete.Key, isDelete: true };
  if (Update?.Key) return { ...Update, key: Update.Key };
  if (ConditionCheck?.Key) return { ...ConditionCheck, key: ConditionCheck.Key };
  throw new Error('an operation of another form');
}

function positionOf(item: Attributes, { IndexName }: QueryCommandInput): Attributes {
  const names = IndexName === undefined ? ['pk', 'sk'] : ['pk', 'sk', 'inboxStatus', 'inboxSince'];
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

function conditionFailed(existing: Attributes | undefined): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(existing ? { Item: existing } : {}),
  });
}

function pkOf(item: Attributes): string {
  return item.pk?.S ?? '';
}

function skOf(item: Attributes): string {
  return item.sk?.S ?? '';
}
