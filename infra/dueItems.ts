import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IScheduleTarget, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';

export interface DueItemsProps {
  bundlesDir: string;
  timeline: TimelineTable;
}

/** What is to happen at a time is looked for every minute. */
export class DueItems extends Construct {
  readonly sweepDue: ThroughlineFunction;

  constructor(scope: Construct, id: string, { bundlesDir, timeline }: DueItemsProps) {
    super(scope, id);
    this.sweepDue = new ThroughlineFunction(this, {
      name: 'sweep-due',
      description: 'Does what is due',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 60,
    });
    timeline.allow(this.sweepDue, ['DeleteItem', 'GetItem', 'PutItem', 'Query']);
    new Schedule(this, 'EveryMinute', {
      description: 'Looks for what is due',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: targetOf(this.sweepDue),
    });
  }
}

/** CDK's own target may invoke every version of the function; this one the function. */
function targetOf(target: ThroughlineFunction): IScheduleTarget {
  const { functionArn } = target.function;
  const role = new Role(target, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
  // The next minute does what this one could not.
  return { bind: () => ({ arn: functionArn, role, retryPolicy: { maximumRetryAttempts: 0 } }) };
}
