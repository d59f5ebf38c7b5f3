import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, type Table } from '../../shared/platform/table.ts';
import type { TestEngine } from './engine.ts';

/** A request of the SDK and what the engine says it consumed; undefined where it says nothing (a refused put). */
export interface MeteredCall {
  command: string;
  writeUnits: number | undefined;
  readUnits: number | undefined;
}

export interface Meter {
  /** Calls since the last `reset`, in order. */
  calls: MeteredCall[];
  reset(): void;
}

export interface MeteredTable extends Table, Meter {}

interface Consumed {
  CapacityUnits?: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
}

const reading = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'TransactGetItemsCommand']);

/** A client of the test engine that notes each call of the SDK with its capacity. */
export function createMeteredClient(engine: Pick<TestEngine, 'endpoint'>): Meter & { client: DynamoDBClient } {
  const calls: MeteredCall[] = [];
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 4,
  });
  client.middlewareStack.add(
    (next, context) => async (request) => {
      const command = context.commandName ?? '';
      const call: MeteredCall = { command, writeUnits: undefined, readUnits: undefined };
      calls.push(call);
      Object.assign(request.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(request);
      const consumed = 'ConsumedCapacity' in result.output ? result.output.ConsumedCapacity : undefined;
      const tables = (Array.isArray(consumed) ? consumed : [consumed ?? {}]) as Consumed[];
      const units = tables.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      call.readUnits = reading.has(command) ? units : 0;
      call.writeUnits = reading.has(command) ? 0 : units;
      return result;
    },
    { step: 'initialize' },
  );
  return { client, calls, reset: () => void calls.splice(0) };
}

/** A table on the test engine that notes each call of the SDK with its capacity. */
export function createMeteredTable(engine: Pick<TestEngine, 'endpoint'>, tableName: string): MeteredTable {
  const { client, ...meter } = createMeteredClient(engine);
  return { ...createTable(client, tableName), ...meter };
}
