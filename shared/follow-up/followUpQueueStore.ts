import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FollowUpQueue } from './followUpQueue.ts';

/** Messages in one request, by AWS's limit. */
const batchSize = 10;

/** Puts due follow-ups into the SQS queue at `queueUrl`. */
export function createFollowUpQueueStore(client: SQSClient, queueUrl: string): FollowUpQueue {
  return {
    async enqueue(commands) {
      for (let start = 0; start < commands.length; start += batchSize) {
        const batch = commands.slice(start, start + batchSize);
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map(({ command, delayMs = 0 }, index) => ({
              Id: `${index}`,
              MessageBody: JSON.stringify(command),
              ...(delayMs > 0 ? { DelaySeconds: Math.ceil(delayMs / 1000) } : {}),
            })),
          }),
        );
        const [fault] = Failed;
        if (fault) throw new Error(`the queue refused ${Failed.length} of ${batch.length} follow-ups: ${fault.Code}`);
      }
    },
  };
}
