import type { FollowUpCommand } from './followUpCommand.ts';

/** Where due follow-ups wait; `followUpQueueStore.ts` keeps them in SQS. */
export interface FollowUpQueue {
  /** Throws unless the queue has every one of them; trying again is harmless. */
  enqueue(commands: readonly FollowUpCommand[]): Promise<void>;
}
