import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type RepairQueue, repairDelaySeconds } from './repairQueue.ts';

/** Puts leaves that are to be repaired into the SQS queue at `queueUrl`. */
export function createRepairQueueStore(client: SQSClient, queueUrl: string): RepairQueue {
  return {
    async enqueue(command) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(command),
          DelaySeconds: repairDelaySeconds(command.attempt),
        }),
      );
    },
  };
}
