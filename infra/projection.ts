import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';

export interface ProjectionProps {
  timeline: TimelineTable;
  /** Folds new interactions into heads and conversation cards. */
  projectTimeline: ThroughlineFunction;
  /** Folds the leaves of linked customers together and decides what follows. */
  decideFollowUps: ThroughlineFunction;
}

/**
 * The stream to the functions that fold it: new interactions to the one, changed heads and identity nodes to the other.
 * Neither sees an item that it writes itself.
 */
export class Projection extends Construct {
  /** Where a batch is noted (shard and sequence numbers, no customer data) once its retries are used up. */
  readonly failures: Queue;

  constructor(scope: Construct, id: string, { timeline, projectTimeline, decideFollowUps }: ProjectionProps) {
    super(scope, id);
    this.failures = new Queue(this, 'Failures', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.failures, 'SQS3', 'It is a dead-letter queue, of stream mappings instead of queues.');
    this.feed('Stream', projectTimeline, timeline, newInteractions);
    this.feed('Heads', decideFollowUps, timeline, changedHeads);
  }

  private feed(
    id: string,
    target: ThroughlineFunction,
    timeline: TimelineTable,
    filter: ReturnType<typeof FilterCriteria.filter>,
  ): void {
    timeline.allowStreamRead(target);
    new EventSourceMapping(this, id, {
      target: target.function,
      eventSourceArn: timeline.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [filter],
      batchSize: 100,
      // No batching window: the person who answers waits for this. Under load batches form by themselves.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 10,
      onFailure: new SqsDlq(this.failures),
    });
  }
}

const newInteractions = FilterCriteria.filter({
  eventName: FilterRule.isEqual('INSERT'),
  dynamodb: { Keys: { sk: { S: [{ prefix: 'E#' }, { prefix: 'B#' }] } } },
});

const changedHeads = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { Keys: { sk: { S: ['~h', { prefix: '~i' }] } } },
});
