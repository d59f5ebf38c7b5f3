import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';
import { ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';
import { createWorkQueue, feedFromQueue } from './workQueue.ts';

export interface RepairProps {
  bundlesDir: string;
  timeline: TimelineTable;
  parameters: Parameters;
}

/** Leaves whose projection failed wait here, and are folded from their timelines. */
export class Repair extends Construct {
  private readonly queue: Queue;

  constructor(scope: Construct, id: string, { bundlesDir, parameters, timeline }: RepairProps) {
    super(scope, id);
    const repairLeaf = new ThroughlineFunction(this, {
      name: 'repair-leaf',
      description: 'Folds leaves again whose projection failed',
      bundlesDir,
      memoryMegabytes: 512,
      // A whole timeline is read, and nobody waits.
      timeoutSeconds: 300,
    });
    timeline.allow(repairLeaf, ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
    parameters.allowRead(repairLeaf);
    // Lambda's advice: six times the function's time-out. How long an attempt waits is in the message's delay.
    this.queue = createWorkQueue(this, 'Queue', { visibilityTimeout: Duration.minutes(30), maxReceiveCount: 3 });
    feedFromQueue(repairLeaf, this.queue, { batchSize: 1, maxConcurrency: 2 });
    this.allowEnqueue(repairLeaf);
  }

  /** Allows asking for a repair, and tells the function where. */
  allowEnqueue(target: ThroughlineFunction): void {
    target.allow(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
    target.function.addEnvironment('REPAIR_QUEUE_URL', this.queue.queueUrl);
  }
}
