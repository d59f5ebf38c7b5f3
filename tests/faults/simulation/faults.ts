import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { fractionOf } from './chance.ts';
import type { DynamoRequest } from './memoryDynamo.ts';

/**
 * What happens to one request:
 * - `throttled`: refused, nothing is done; `lost`: it never arrives;
 * - `answer-lost`: it is done and nobody hears of it; `late`: it is done later, after everybody gave up on it;
 * - `crash-before`, `crash-after`: the process that made it ends there;
 * - `conflict`: a transaction meets another one; `partial`: some statements of a batch are refused.
 */
const faultKinds = [
  'throttled',
  'lost',
  'answer-lost',
  'late',
  'crash-before',
  'crash-after',
  'conflict',
  'partial',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Faults of one run. */
export interface FaultPlan {
  seed: number;
  /** Of one request. */
  probability: number;
  /** Names of the only faults that happen; undefined for all that would. */
  only?: ReadonlySet<string> | undefined;
}

/** The fault of a request, by its name: the process, its how-manieth request, its how-manieth attempt. */
export function faultOf(
  plan: FaultPlan,
  { process, request, attempt }: { process: string; request: number; attempt: number },
  command: DynamoRequest,
): FaultKind | undefined {
  // Where one request fails again and again, the process hears of it.
  const isOut = fractionOf(plan.seed, `${process}.${request} out`) < plan.probability / 8;
  const name = `${process}.${request}.${attempt}`;
  if (!isOut && fractionOf(plan.seed, name) >= plan.probability) return undefined;
  if (plan.only && !plan.only.has(name)) return undefined;
  const kinds = faultKinds.filter((kind) => mayHappen(kind, command));
  return kinds[Math.floor(fractionOf(plan.seed, `${name} kind`) * kinds.length)];
}

function mayHappen(kind: FaultKind, command: DynamoRequest): boolean {
  const isRead =
    command instanceof GetItemCommand || command instanceof BatchGetItemCommand || command instanceof QueryCommand;
  if (kind === 'conflict') return command instanceof TransactWriteItemsCommand;
  if (kind === 'partial') return command instanceof BatchExecuteStatementCommand;
  if (kind === 'answer-lost' || kind === 'late' || kind === 'crash-after') return !isRead;
  return true;
}
