import {
  BatchExecuteStatementCommand,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Pause } from '../../../shared/platform/pause.ts';
import { createTable, type Table } from '../../../shared/platform/table.ts';
import { type FaultKind, type FaultPlan, faultOf } from './faults.ts';
import { clientOf, type DynamoRequest, type Execute } from './memoryDynamo.ts';
import type { Scheduler } from './scheduler.ts';

/** One run of a function, or one request to it: what a crash ends. */
export interface Process {
  name: string;
  requests: number;
  hasEnded: boolean;
}

/** A fault as it happened. */
export interface HappenedFault {
  name: string;
  kind: FaultKind;
}

export interface Processes {
  /** A table whose requests are those of the process that `current` names at that moment. */
  tableOf(current: () => Process): Table;
  pauseOf(current: () => Process): Pause;
  /** Requests on which everybody gave up and which are still to be carried out. */
  late: (() => Promise<void>)[];
  happened: HappenedFault[];
}

/** The process made no further step: thrown by whatever it would have done next. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
}

/** No answer, or one that asks to come again: the SDK tries again by itself. */
class Unanswered extends Error {
  override readonly name = 'TimeoutError';
}

/** As `createDynamoDbClient` has it. */
const sdkAttempts = 4;

/** Requests of many processes to one table, each at its turn and with its fault. */
export function createProcesses({
  scheduler,
  tableName,
  execute,
  plan,
}: {
  scheduler: Scheduler;
  tableName: string;
  execute: Execute;
  /** Undefined while nothing goes wrong. */
  plan: () => FaultPlan | undefined;
}): Processes {
  const late: (() => Promise<void>)[] = [];
  const happened: HappenedFault[] = [];

  /** One attempt of a request whose turn it is. */
  async function attemptIn(
    process: Process,
    request: DynamoRequest,
    fault: FaultKind | undefined,
    carryOut: Execute,
  ): Promise<object> {
    switch (fault) {
      case undefined:
        return carryOut(request);
      case 'throttled':
        throw new ProvisionedThroughputExceededException({ message: 'throttled', $metadata: {} });
      case 'lost':
        throw new Unanswered('the request was lost');
      case 'answer-lost':
        await carryOut(request).catch(() => undefined);
        throw new Unanswered('the answer was lost');
      case 'late':
        late.push(() =>
          carryOut(request).then(
            () => undefined,
            () => undefined,
          ),
        );
        throw new Unanswered('the answer was late');
      case 'conflict':
        throw new TransactionCanceledException({
          message: 'Transaction cancelled',
          $metadata: {},
          CancellationReasons: [{ Code: 'TransactionConflict' }],
        });
      case 'partial':
        return partly(request, carryOut);
      case 'crash-after':
        await carryOut(request).catch(() => undefined);
        process.hasEnded = true;
        throw new ProcessEnded();
      case 'crash-before':
        process.hasEnded = true;
        throw new ProcessEnded();
    }
  }

  async function send(process: Process, request: DynamoRequest): Promise<object> {
    const number = process.requests++;
    const carryOut = request instanceof TransactWriteItemsCommand ? once(execute) : execute;
    for (let attempt = 1; ; attempt++) {
      try {
        return await scheduler.turn(async () => {
          if (process.hasEnded) throw new ProcessEnded();
          const active = plan();
          const fault = active && faultOf(active, { process: process.name, request: number, attempt }, request);
          if (fault) happened.push({ name: `${process.name}.${number}.${attempt}`, kind: fault });
          return attemptIn(process, request, fault, carryOut);
        });
      } catch (error) {
        const comesAgain = error instanceof Unanswered || error instanceof ProvisionedThroughputExceededException;
        if (!comesAgain || attempt === sdkAttempts) throw error;
      }
    }
  }

  const pauseOf = (current: () => Process): Pause => {
    return () => {
      const process = current();
      return scheduler.turn(async () => {
        if (process.hasEnded) throw new ProcessEnded();
      });
    };
  };

  return {
    late,
    happened,
    pauseOf,
    tableOf: (current) =>
      createTable(
        clientOf((request) => send(current(), request)),
        tableName,
        pauseOf(current),
      ),
  };
}

/** The SDK sends the attempts of one transaction under one token, by which the service knows it again. */
function once(execute: Execute): Execute {
  let isDone = false;
  return async (request) => {
    if (isDone) return {};
    const answer = await execute(request);
    isDone = true;
    return answer;
  };
}

/** Every second statement is refused. */
async function partly(request: DynamoRequest, execute: Execute): Promise<object> {
  if (!(request instanceof BatchExecuteStatementCommand)) return execute(request);
  const statements = request.input.Statements ?? [];
  const taken = statements.filter((_, index) => index % 2 === 1);
  const { Responses = [] } =
    taken.length === 0
      ? {}
      : ((await execute(new BatchExecuteStatementCommand({ Statements: taken }))) as { Responses?: object[] });
  return {
    Responses: statements.map((_, index) =>
      index % 2 === 1 ? Responses[(index - 1) / 2] : { Error: { Code: 'ThrottlingError' } },
    ),
  };
}
