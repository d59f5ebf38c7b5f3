import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LocalLog, Stoppable, TestClock } from '../ports.ts';
import type { TableDefinition } from './createTable.ts';
import type { StreamStore } from './openStreamStore.ts';
import { sweepExpired } from './sweepExpired.ts';

export interface ExpiryOptions {
  client: DynamoDBClient;
  tables: readonly TableDefinition[];
  clock: TestClock;
  streams: StreamStore | undefined;
  log: LocalLog;
}

export interface Expiry extends Stoppable {
  /** Resolves when everything that had expired when it was called is gone. */
  settle(): Promise<void>;
}

/** AWS promises days; without a move of the clock nobody waits for it. */
const intervalMs = 10 * 60 * 1000;

/** Deletes expired items now and then, and after every move of the clock. */
export function startExpiry({ client, tables, clock, streams, log }: ExpiryOptions): Expiry {
  let last = Promise.resolve();
  const sweep = () => {
    last = last.then(async () => {
      try {
        for (const table of tables) await sweepExpired(client, table, clock.now() / 1000, streams);
      } catch (error) {
        log(`Expired items could not be deleted: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  };
  const unsubscribe = clock.subscribe(sweep);
  const timer = setInterval(sweep, intervalMs).unref();
  return {
    settle: () => last,
    stop: () => {
      unsubscribe();
      clearInterval(timer);
      return last;
    },
  };
}
