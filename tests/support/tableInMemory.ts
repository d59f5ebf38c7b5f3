import { BatchGetItemCommand, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { createTable, type Table } from '../../shared/platform/table.ts';
import { clientOf, createMemoryDynamo } from '../faults/simulation/memoryDynamo.ts';

export interface TableInMemory extends Table {
  /** Requests so far that ask for a write, whatever became of them. */
  writes(): number;
}

/** The real table on the simulation's engine, for tests that fold so often that the embedded one would take minutes. */
export function createTableInMemory(): TableInMemory {
  const { execute } = createMemoryDynamo();
  let writes = 0;
  const client = clientOf(async (request) => {
    const isRead =
      request instanceof GetItemCommand || request instanceof BatchGetItemCommand || request instanceof QueryCommand;
    if (!isRead) writes++;
    return execute(request);
  });
  return { ...createTable(client, 'timeline'), writes: () => writes };
}
