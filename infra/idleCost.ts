import { type Price, prices } from './prices.ts';

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** What one sweep takes where nothing is due: measured, because a template does not say it. */
export interface SweepUnits {
  readUnits: number;
  writeUnits: number;
}

export interface CostLine {
  what: string;
  count: number;
  price: Price;
  /** Per month. */
  dollars: number;
}

/** A month as AWS counts it. */
const minutesPerMonth = 730 * 60;
/** Lambda asks an empty queue with five connections, each for the longest that SQS lets it wait: 20 seconds. */
const emptyReceivesPerMinute = 5 * 3;
/** DynamoDB keeps an opened table key for five minutes, for each role by itself. */
const keyRequestsPerMinute = 1 / 5;
/** A sweep takes a fraction of it. */
const secondsPerSweep = 1;
/** START, END and REPORT in Lambda's text format, with the 26 bytes that CloudWatch adds to each. */
const logBytesPerInvocation = 90 + 60 + 200 + 3 * 26;
const gigabyte = 1024 ** 3;

/**
 * What a stack costs in a month in which nothing happens and nothing is stored, by its template. A type that is not
 * known here throws: nothing is added whose price nobody looked at.
 */
export function idleCost(template: { Resources: Record<string, TemplateResource> }, sweep: SweepUnits): CostLine[] {
  const resources = Object.values(template.Resources);
  const unpriced = resources.filter(({ Type }) => !known.test(Type)).map(({ Type }) => Type);
  if (unpriced.length > 0) throw new Error(`No price is known for ${[...new Set(unpriced)].join(', ')}.`);
  const ofType = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
  const mappings = ofType('AWS::Lambda::EventSourceMapping');
  const streams = mappings.filter(({ StartingPosition }) => StartingPosition !== undefined);
  const schedules = ofType('AWS::Scheduler::Schedule');
  const sweeps = sum(schedules.map(invocationsPerMonth));
  const gigabyteSeconds = sum(
    schedules.map((schedule) => invocationsPerMonth(schedule) * secondsPerSweep * gigabytesOf(template, schedule)),
  );
  const line = (what: string, count: number, price: Price): CostLine => ({
    what,
    count,
    price,
    dollars: count * price.dollars,
  });
  return [
    line('encryption keys', ofType('AWS::KMS::Key').length, prices.key),
    line(
      'opening the table’s key: sweeps and stream readers',
      (schedules.length + streams.length) * keyRequestsPerMinute * minutesPerMonth,
      prices.keyRequest,
    ),
    line('alarms', sum(ofType('AWS::CloudWatch::Alarm').map(metricsOf)), prices.alarmMetric),
    line('composite alarms', ofType('AWS::CloudWatch::CompositeAlarm').length, prices.compositeAlarm),
    line('dashboards that are not free', paidDashboards(ofType('AWS::CloudWatch::Dashboard')), prices.dashboard),
    line(
      'asking empty queues',
      (mappings.length - streams.length) * emptyReceivesPerMinute * minutesPerMonth,
      prices.queueRequest,
    ),
    line('schedules', sweeps, prices.scheduledInvocation),
    line('sweeps: invocations', sweeps, prices.functionRequest),
    line('sweeps: a second each', gigabyteSeconds, prices.functionGigabyteSecond),
    line('sweeps: reading the table', sweeps * sweep.readUnits, prices.readUnit),
    line('sweeps: remembering how far', sweeps * sweep.writeUnits, prices.writeUnit),
    line('sweeps: log', (sweeps * logBytesPerInvocation) / gigabyte, prices.logGigabyte),
    line('log of a month, kept', (sweeps * logBytesPerInvocation) / gigabyte, prices.logGigabyteKept),
  ];
}

export function totalOf(lines: readonly CostLine[]): number {
  return sum(lines.map(({ dollars }) => dollars));
}

/**
 * Types with a price above, and those that cost nothing while nothing happens: SNS, S3, SES, HTTP APIs and functions are
 * paid by use, rules match events of AWS for nothing, and standard parameters are free.
 */
const known =
  /^(AWS::(ApiGatewayV2::(Api|Integration|Route|Stage)|CloudWatch::(Alarm|CompositeAlarm|Dashboard)|DynamoDB::GlobalTable|Events::Rule|IAM::(Policy|Role)|KMS::(Alias|Key)|Lambda::(EventSourceMapping|Function|Permission)|Logs::LogGroup|Route53::RecordSet|S3::(Bucket|BucketPolicy)|SES::(ConfigurationSet|ConfigurationSetEventDestination|EmailIdentity|ReceiptRule|ReceiptRuleSet)|SNS::(Subscription|Topic|TopicPolicy)|SQS::(Queue|QueuePolicy)|SSM::Parameter|Scheduler::Schedule)|AWS::CDK::Metadata|Custom::ReceiptRule)$/;

function metricsOf({ Metrics }: Record<string, unknown>): number {
  if (!Array.isArray(Metrics)) return 1;
  return Metrics.filter((metric: { MetricStat?: unknown }) => metric.MetricStat !== undefined).length;
}

/** An account has three for nothing; a dashboard with more metrics is none of them. */
const freeDashboards = 3;
const freeMetricsOfDashboard = 50;

function paidDashboards(dashboards: Record<string, unknown>[]): number {
  const small = dashboards.filter((one) => metricsShown(one).length <= freeMetricsOfDashboard).length;
  return dashboards.length - Math.min(small, freeDashboards);
}

/** The metrics in a dashboard's body, a text of JSON in which references stand as such. */
function metricsShown({ DashboardBody: body }: Record<string, unknown>): unknown[] {
  const widgets = JSON.parse(written(body)) as { widgets: { properties: { metrics?: unknown[] } }[] };
  return widgets.widgets.flatMap(({ properties }) => properties.metrics ?? []);
}

function written(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
  return join === undefined ? 'reference' : join[1].map(written).join(join[0]);
}

function invocationsPerMonth({ ScheduleExpression }: Record<string, unknown>): number {
  const [, every, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(ScheduleExpression)) ?? [];
  const minutes = { minute: 1, hour: 60, day: 24 * 60 }[String(unit)];
  if (minutes === undefined) throw new Error(`How often is ${String(ScheduleExpression)}?`);
  return minutesPerMonth / (Number(every) * minutes);
}

function gigabytesOf(
  template: { Resources: Record<string, TemplateResource> },
  { Target }: Record<string, unknown>,
): number {
  const { Arn } = Target as { Arn: { 'Fn::GetAtt': [string, string] } };
  const memory = template.Resources[Arn['Fn::GetAtt'][0]]?.Properties?.MemorySize;
  if (typeof memory !== 'number') throw new Error('A schedule starts something that is no function with a memory.');
  return memory / 1024;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
