import { Aws, CfnCondition, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryptionKey.ts';
import type { HttpApi } from './httpApi.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

export interface AlarmsProps {
  encryptionKey: EncryptionKey;
  api: HttpApi;
  /** Whatever folds the stream. */
  projections: ThroughlineFunction[];
  /** What runs every minute. */
  sweep: ThroughlineFunction;
  /** Where mails wait that came in. */
  mailsIn: Queue;
  /** Where mails wait that are to be sent. */
  sends: Queue;
}

/**
 * What somebody must be told: work that was given up, and what ceased to work. Everything else is a graph or a log.
 * An alarm costs by the metrics that it looks at, so there are few of both.
 */
export class Alarms extends Construct {
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { api, encryptionKey, mailsIn, projections, sends, sweep } = props;
    this.topic = createTopic(this, encryptionKey);
    const fiveMinutes = Duration.minutes(5);
    this.alarm('DeadLetters', {
      description: 'Work was given up and waits in a dead-letter queue',
      metric: sumOf(deadLetterQueues(this).map((queue) => queue.metricApproximateNumberOfMessagesVisible(maximum))),
      threshold: 1,
    });
    this.alarm('ApiFaults', {
      description: 'The API answers with errors of its own',
      metric: api.metric('5xx', { period: fiveMinutes, statistic: Stats.SUM }),
      threshold: 5,
    });
    this.alarm('ProjectionLate', {
      description: 'What was taken in does not reach customers and conversations',
      metric: maximumOf(projections.map((target) => target.function.metric('IteratorAge', maximum))),
      threshold: Duration.minutes(5).toMilliseconds(),
    });
    this.alarm('SweepStopped', {
      description: 'What is due is not done',
      metric: new MathExpression({
        expression: 'invocations - errors',
        usingMetrics: {
          invocations: sweep.function.metricInvocations({ period: fiveMinutes }),
          errors: sweep.function.metricErrors({ period: fiveMinutes }),
        },
        period: fiveMinutes,
      }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      whenMissing: TreatMissingData.BREACHING,
    });
    // A message that fails becomes a dead letter sooner: what is older waits for a function that does not run.
    this.alarm('MailsInWait', {
      description: 'Mails that came in are not taken in',
      metric: mailsIn.metricApproximateAgeOfOldestMessage(maximum),
      threshold: Duration.minutes(40).toSeconds(),
    });
    this.alarm('SendsWait', {
      description: 'Mails that are due are not sent',
      metric: sends.metricApproximateAgeOfOldestMessage(maximum),
      threshold: Duration.minutes(80).toSeconds(),
    });
    // Half of where SES begins to review the account; at twice as much it stops all mail.
    this.alarm('Bounces', {
      description: 'Many mails bounce; SES reviews an account at 5 %',
      metric: reputation('BounceRate'),
      threshold: 0.025,
      whenMissing: TreatMissingData.IGNORE,
    });
    this.alarm('Complaints', {
      description: 'Recipients report mails as spam; SES reviews an account at 0.1 %',
      metric: reputation('ComplaintRate'),
      threshold: 0.0005,
      whenMissing: TreatMissingData.IGNORE,
    });
  }

  private alarm(
    id: string,
    {
      description,
      metric,
      threshold,
      comparison = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      whenMissing = TreatMissingData.NOT_BREACHING,
    }: AlarmOptions,
  ): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: description,
      metric,
      threshold,
      comparisonOperator: comparison,
      evaluationPeriods: 1,
      treatMissingData: whenMissing,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}

interface AlarmOptions {
  description: string;
  metric: IMetric;
  /** From here on, in the metric's own unit. */
  threshold: number;
  comparison?: ComparisonOperator;
  whenMissing?: TreatMissingData;
}

const maximum = { statistic: Stats.MAXIMUM, period: Duration.minutes(5) };

/** Every queue of the stack that hands over to no other one. */
function deadLetterQueues(scope: Construct): Queue[] {
  const queues = Stack.of(scope)
    .node.findAll()
    .filter((construct) => construct instanceof Queue);
  return queues.filter(({ deadLetterQueue }) => deadLetterQueue === undefined);
}

function sumOf(metrics: IMetric[]): MathExpression {
  return combined('SUM', metrics);
}

function maximumOf(metrics: IMetric[]): MathExpression {
  return combined('MAX', metrics);
}

function combined(statistic: 'SUM' | 'MAX', metrics: IMetric[]): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: `${statistic}([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    period: maximum.period,
  });
}

/** Of the whole account in this region, as SES judges it. */
function reputation(metricName: 'BounceRate' | 'ComplaintRate'): Metric {
  return new Metric({
    namespace: 'AWS/SES',
    metricName: `Reputation.${metricName}`,
    statistic: Stats.MAXIMUM,
    period: Duration.hours(1),
  });
}

/** Whom alarms are mailed to is of the deployment; without an address they only change their colour. */
function createTopic(scope: Construct, encryptionKey: EncryptionKey): Topic {
  const address = new CfnParameter(scope, 'Address', {
    type: 'String',
    default: '',
    allowedPattern: '([^@\\s]+@[^@\\s]+[.][^@\\s]+)?',
    description: 'Whom to mail when something is wrong; AWS asks there for consent first; empty for nobody',
  });
  address.overrideLogicalId('AlarmAddress');
  const isGiven = new CfnCondition(scope, 'IsGiven', {
    expression: Fn.conditionNot(Fn.conditionEquals(address.valueAsString, '')),
  });
  const topic = new Topic(scope, 'Topic', { enforceSSL: true, masterKey: encryptionKey.key });
  encryptionKey.allowService('cloudwatch.amazonaws.com');
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  const subscription = new CfnSubscription(scope, 'Mail', {
    topicArn: topic.topicArn,
    protocol: 'email',
    endpoint: address.valueAsString,
  });
  subscription.cfnOptions.condition = isGiven;
  return topic;
}
