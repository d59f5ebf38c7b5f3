import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Structured facts for a log line: ids, counts, codes. Never names, addresses, numbers or texts of customers. */
export type LogFacts = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  /** Logs the class, code and stack of the error; its message may carry a caller's data and stays out. */
  error(message: string, error: unknown, facts?: LogFacts): void;
  count(metric: MetricName, value?: number): void;
}

/** The custom metrics of the platform; each costs money in every hour in which it is sent, so the list is short. */
export const metricNames = [
  'InteractionsStored',
  'InteractionsDuplicated',
  'EventsRejected',
  'RequestsRefused',
  'LeavesFolded',
  'LeavesRefolded',
  'LeavesParked',
  'CustomersFolded',
  'FollowUpsSent',
  'FollowUpsSuppressed',
] as const;
export type MetricName = (typeof metricNames)[number];

/** Powertools' line without what a log group says by its name: lines are paid by their bytes. */
class LineFormatter extends LogFormatter {
  override formatAttributes(
    { lambdaContext, logLevel, message, serviceName, timestamp, xRayTraceId }: UnformattedAttributes,
    more: LogAttributes,
  ): LogItem {
    const attributes = {
      level: logLevel,
      message,
      timestamp: this.formatTimestamp(timestamp),
      service: serviceName,
      function_request_id: lambdaContext?.awsRequestId,
      xray_trace_id: xRayTraceId,
    };
    return new LogItem({ attributes }).addAttributes(more);
  }
}

/** Takes its service name from Powertools' environment variables. */
export const logger = new Logger({ logFormatter: new LineFormatter() });
export const metrics = new Metrics({
  // One for all functions: with the name of each, every metric would be as many metrics as functions count it.
  serviceName: 'throughline',
  // Its own would only warn, on every request, that there was nothing to count.
  logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
});

export const functionLog: Log = {
  info: (message, facts = {}) => logger.info(message, { facts }),
  warn: (message, facts = {}) => logger.warn(message, { facts }),
  error: (message, error, facts = {}) => logger.error(message, { facts, fault: describeFault(error) }),
  count: (metric, value = 1) => metrics.addMetric(metric, MetricUnit.Count, value),
};

function describeFault(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // A stack repeats the message before its first place, and a line of the message may look like one.
  const stack = error.stack
    ?.replace(error.message, '')
    .split('\n')
    .filter((line) => /^ {4}at .*(?::\d+|<anonymous>)\)?$/.test(line))
    .slice(0, 8);
  return { name: error.name, code, stack, cause: error.cause === undefined ? undefined : describeFault(error.cause) };
}
