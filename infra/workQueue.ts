import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ThroughlineFunction } from './throughlineFunction.ts';

/** A queue with its dead letters. */
export function createWorkQueue(
  scope: Construct,
  id: string,
  { maxReceiveCount, visibilityTimeout }: { maxReceiveCount: number; visibilityTimeout: Duration },
): Queue {
  const safe = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(scope, `${id}DeadLetters`, { ...safe, retentionPeriod: Duration.days(14) });
  return new Queue(scope, id, {
    ...safe,
    visibilityTimeout,
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount },
  });
}

/** Lets a function consume a queue; each message fails by itself. */
export function feedFromQueue(
  target: ThroughlineFunction,
  queue: Queue,
  { batchSize, maxConcurrency }: { batchSize: number; maxConcurrency: number },
): void {
  new EventSourceMapping(queue, 'Mapping', {
    target: target.function,
    eventSourceArn: queue.queueArn,
    batchSize,
    maxConcurrency,
    reportBatchItemFailures: true,
  });
  target.allow(
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    }),
  );
}
