import * as z from 'zod';
import { isLeaf } from '../identity/leaf.ts';

/** That a leaf is to be repaired. */
export const repairCommandSchema = z.object({
  leaf: z.string().refine(isLeaf),
  /** The first is 1. */
  attempt: z.number().int().positive(),
});
export type RepairCommand = z.infer<typeof repairCommandSchema>;

/** Leaves that wait for their repair; `repairQueueStore.ts` puts them into a queue. */
export interface RepairQueue {
  /** It is delivered once the delay of its attempt is over, at least once. */
  enqueue(command: RepairCommand): Promise<void>;
}

/** A minute before the first attempt, twice as long before each further one, a quarter of an hour at most. */
export function repairDelaySeconds(attempt: number): number {
  return Math.min(60 * 2 ** (attempt - 1), 900);
}
