import { itemSize, type WireItem } from './itemSize.ts';

/** A request or an answer of DynamoDB's JSON protocol. */
export type WireBody = Record<string, unknown>;

export interface Units {
  readUnits: number;
  writeUnits: number;
}

export interface MeteredCall {
  /** The request with everything asked for that counting needs. */
  body: WireBody;
  /** Reads the units from the answer and takes away what the caller did not ask for. */
  settle(status: number, answer: WireBody): { units: Units; body: WireBody };
}

interface ConsumedCapacity {
  CapacityUnits?: number;
}

interface TransactItem {
  Put?: WireBody;
  Update?: WireBody;
  Delete?: WireBody;
  ConditionCheck?: WireBody;
}

const reads = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const statements = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/** Whether a call of this kind may change items. */
export function isWrite(operation: string): boolean {
  return writes.has(operation) || statements.has(operation);
}

/** Prepares a call whose capacity counts; undefined for operations that consume none. */
export function meteredCall(operation: string, request: WireBody): MeteredCall | undefined {
  if (!reads.has(operation) && !writes.has(operation) && !statements.has(operation)) return undefined;
  const isRead = reads.has(operation) || (statements.has(operation) && firstStatement(request).startsWith('SELECT'));
  const asked = request.ReturnConsumedCapacity;
  const shown = asked === 'TOTAL' || asked === 'INDEXES';
  const body = withOldItems(operation, { ...request, ReturnConsumedCapacity: shown ? asked : 'TOTAL' });
  return {
    body,
    settle: (status, answer) => {
      const units =
        status === 200 ? consumed(answer) + refusedInBatch(request, answer) : rejectedUnits(operation, request, answer);
      return {
        units: { readUnits: isRead ? units : 0, writeUnits: isRead ? 0 : units },
        body: asAsked(operation, request, answer, shown),
      };
    },
  };
}

function firstStatement(request: WireBody): string {
  const list = (request.Statements ?? request.TransactStatements) as { Statement?: string }[] | undefined;
  return String(list?.[0]?.Statement ?? request.Statement ?? '')
    .trimStart()
    .toUpperCase();
}

function consumed(answer: WireBody): number {
  const capacity = answer.ConsumedCapacity as ConsumedCapacity | ConsumedCapacity[] | undefined;
  return [capacity ?? []].flat().reduce((units, { CapacityUnits = 0 }) => units + CapacityUnits, 0);
}

/** A refused write costs by the larger of the existing and the new item: the existing one must come with the refusal. */
function withOldItems(operation: string, request: WireBody): WireBody {
  if (operation === 'TransactWriteItems') {
    const items = (request.TransactItems ?? []) as TransactItem[];
    return { ...request, TransactItems: items.map((item) => mapAction(item, askForOldItem)) };
  }
  return writes.has(operation) && request.ConditionExpression !== undefined ? askForOldItem(request) : request;
}

function askForOldItem(action: WireBody): WireBody {
  return action.ConditionExpression === undefined
    ? action
    : { ...action, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
}

function mapAction(item: TransactItem, change: (action: WireBody) => WireBody): TransactItem {
  return Object.fromEntries(Object.entries(item).map(([kind, action]) => [kind, change(action as WireBody)]));
}

/**
 * The engine reports nothing for refused writes, AWS bills them: one unit per started KB of the larger item,
 * two in a transaction. Other errors cost nothing.
 */
function rejectedUnits(operation: string, request: WireBody, answer: WireBody): number {
  const type = String(answer.__type);
  if (type.endsWith('ConditionalCheckFailedException')) {
    return startedKilobytes(request.Item as WireItem | undefined, answer.Item as WireItem | undefined);
  }
  if (type.endsWith('DuplicateItemException')) return startedKilobytes(insertedItem(request), undefined);
  if (operation !== 'TransactWriteItems' || !type.endsWith('TransactionCanceledException')) return 0;
  const reasons = (answer.CancellationReasons ?? []) as { Item?: WireItem }[];
  const items = (request.TransactItems ?? []) as TransactItem[];
  return items.reduce(
    (units, item, index) => units + 2 * startedKilobytes(item.Put?.Item as WireItem | undefined, reasons[index]?.Item),
    0,
  );
}

/** A batch of statements reports the refused ones too, but nothing at all where every one was refused. */
function refusedInBatch(request: WireBody, answer: WireBody): number {
  if (answer.ConsumedCapacity !== undefined) return 0;
  const statements = (request.Statements ?? []) as WireBody[];
  const responses = (answer.Responses ?? []) as { Error?: { Code?: string } }[];
  return statements.reduce((units, statement, index) => {
    const code = responses[index]?.Error?.Code;
    const isRefused = code === 'DuplicateItem' || code === 'ConditionalCheckFailed';
    return isRefused ? units + startedKilobytes(insertedItem(statement)) : units;
  }, 0);
}

function startedKilobytes(...items: (WireItem | undefined)[]): number {
  return Math.max(1, ...items.map((item) => Math.ceil(itemSize(item ?? {}) / 1024)));
}

/** `INSERT INTO … VALUE {'name': ?}` names its attributes in the order of its parameters. */
function insertedItem(request: WireBody): WireItem {
  const names = [...String(request.Statement).matchAll(/'((?:[^']|'')*)'\s*:\s*\?/g)].map(([, name = '']) => name);
  const parameters = (request.Parameters ?? []) as WireItem[string][];
  return Object.fromEntries(parameters.map((value, index) => [names[index] ?? '', value]));
}

function asAsked(operation: string, request: WireBody, answer: WireBody, shown: boolean): WireBody {
  const { ConsumedCapacity, ...rest } = answer;
  const body: WireBody = shown && ConsumedCapacity !== undefined ? { ConsumedCapacity, ...rest } : rest;
  if (operation === 'TransactWriteItems' && Array.isArray(body.CancellationReasons)) {
    const items = (request.TransactItems ?? []) as TransactItem[];
    const asked = items.map((item) => Object.values(item)[0]?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD');
    body.CancellationReasons = body.CancellationReasons.map((reason: WireBody, index) => {
      const { Item, ...plain } = reason;
      return asked[index] && Item !== undefined ? { Item, ...plain } : plain;
    });
  }
  const refused = String(body.__type ?? '').endsWith('ConditionalCheckFailedException');
  if (refused && request.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') delete body.Item;
  return body;
}
