import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';

export interface DueItemsProps {
  bundlesDir: string;
  timeline: TimelineTable;
}

/** What is to happen at a time is looked for every minute. */
export class DueItems extends Construct {
  constructor(scope: Construct, id: string, { bundlesDir, timeline }: DueItemsProps) {
    super(scope, id);
    const sweepDue = new ThroughlineFunction(this, {
      name: 'sweep-due',
      description: 'Does what is due',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 60,
    });
    timeline.allow(sweepDue, ['DeleteItem', 'GetItem', 'PutItem', 'Query']);
    new Schedule(this, 'EveryMinute', {
      description: 'Looks for what is due',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      // The next minute does what this one could not.
      target: new LambdaInvoke(sweepDue.function, { retryAttempts: 0 }),
    });
  }
}
