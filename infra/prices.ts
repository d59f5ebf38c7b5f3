/*
 * What AWS asks in us-east-1, in US dollars, by its public price pages as they stood in early 2026; other regions ask up
 * to a quarter more. Allowances are not taken off, but for dashboards: those of a new account end, and those that stay (a
 * million requests of SQS and of Lambda, 400,000 GB-seconds, ten alarm metrics, ten custom metrics and 5 GB of logs a
 * month) are the whole account's.
 */

export interface Price {
  dollars: number;
  /** What the dollars are asked for. */
  per: string;
  source: string;
}

const million = 1_000_000;

export const prices = {
  // https://aws.amazon.com/kms/pricing/: a key by the month, one more dollar for each of its first two rotations.
  key: { dollars: 1, per: 'key and month', source: 'kms' },
  keyRequest: { dollars: 0.03 / 10_000, per: 'request', source: 'kms' },
  // https://aws.amazon.com/cloudwatch/pricing/: standard resolution, by the metrics that an alarm looks at.
  alarmMetric: { dollars: 0.1, per: 'metric of an alarm and month', source: 'cloudwatch' },
  compositeAlarm: { dollars: 0.5, per: 'composite alarm and month', source: 'cloudwatch' },
  customMetric: { dollars: 0.3, per: 'metric and month in which it is sent each hour', source: 'cloudwatch' },
  // From the account's fourth on, and for those of more than 50 metrics.
  dashboard: { dollars: 3, per: 'dashboard and month', source: 'cloudwatch' },
  queriedLogGigabyte: { dollars: 0.005, per: 'GB looked through by a query', source: 'cloudwatch' },
  logGigabyte: { dollars: 0.5, per: 'GB taken in', source: 'cloudwatch' },
  logGigabyteKept: { dollars: 0.03, per: 'GB and month', source: 'cloudwatch' },
  // https://aws.amazon.com/xray/pricing/
  trace: { dollars: 5 / million, per: 'trace recorded', source: 'xray' },
  // https://aws.amazon.com/sqs/pricing/: standard queues, empty answers included.
  queueRequest: { dollars: 0.4 / million, per: 'request', source: 'sqs' },
  // https://aws.amazon.com/eventbridge/pricing/: EventBridge Scheduler.
  scheduledInvocation: { dollars: 1 / million, per: 'invocation', source: 'eventbridge' },
  // https://aws.amazon.com/lambda/pricing/: arm64.
  functionRequest: { dollars: 0.2 / million, per: 'request', source: 'lambda' },
  functionGigabyteSecond: { dollars: 0.0000133334, per: 'GB-second', source: 'lambda' },
  // https://aws.amazon.com/dynamodb/pricing/on-demand/: the standard class. Streams read by Lambda cost nothing.
  writeUnit: { dollars: 0.625 / million, per: 'write request unit', source: 'dynamodb' },
  readUnit: { dollars: 0.125 / million, per: 'read request unit', source: 'dynamodb' },
  tableGigabyte: { dollars: 0.25, per: 'GB and month', source: 'dynamodb' },
  recoveryGigabyte: { dollars: 0.2, per: 'GB and month', source: 'dynamodb' },
  // https://aws.amazon.com/api-gateway/pricing/: HTTP APIs, up to 512 KB a request.
  apiRequest: { dollars: 1 / million, per: 'request', source: 'api-gateway' },
  // https://aws.amazon.com/ses/pricing/
  mail: { dollars: 0.1 / 1000, per: 'mail sent or received', source: 'ses' },
} as const satisfies Record<string, Price>;
