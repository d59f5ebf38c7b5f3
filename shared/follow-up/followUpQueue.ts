import type { AnswerCommand } from '../answer/answerCommand.ts';
import type { FollowUpCommand } from './followUpCommand.ts';

/** What may have to be sent, and how long it is to wait before. */
export interface DueCommand {
  command: FollowUpCommand | AnswerCommand;
  /** At most 15 minutes; 0 if it is left out. */
  delayMs?: number;
}

/** Where what is due waits to be sent; `followUpQueueStore.ts` keeps it in SQS. */
export interface FollowUpQueue {
  /** Throws unless the queue has every one of them; trying again is harmless. */
  enqueue(commands: readonly DueCommand[]): Promise<void>;
}
