import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { HttpApi } from './httpApi.ts';
import { functionsOf, type ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';

export interface DashboardProps {
  api: HttpApi;
  timeline: TimelineTable;
  /** Whatever folds the stream. */
  projections: ThroughlineFunction[];
}

/**
 * The stack at a glance. Counts over time are metrics; what needs more than a count (by channel, by reason, by function)
 * is asked of the logs, since each value of a dimension would be one more metric to pay for in every month. It is free
 * while it shows at most 50 metrics and is one of three in the account.
 */
export class Dashboard extends Construct {
  /** Where it is looked at. */
  readonly url: string;

  constructor(scope: Construct, id: string, { api, projections, timeline }: DashboardProps) {
    super(scope, id);
    const { region, stackName } = Stack.of(this);
    const functions = functionsOf(this);
    const queues = Stack.of(this)
      .node.findAll()
      .filter((construct) => construct instanceof Queue);
    const logGroupNames = functions.map((one) => one.function.logGroup.logGroupName);
    const asked = (title: string, query: LogQuery, width: number) =>
      new LogQueryWidget({ title, logGroupNames, view: query.view, queryLines: query.lines, width, height });
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${stackName}`;

    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: stackName,
      defaultInterval: Duration.hours(3),
      widgets: [
        heading('Taken in'),
        [
          graph('Interactions and refusals', ours(counted.interactions)),
          asked('Interactions by channel, in the time shown', logQueries.channels, third),
          graph('Requests to the API', [
            api.metric('Count', sum),
            api.metric('4xx', sum),
            api.metric('5xx', sum),
            ...ours(counted.requests),
          ]),
        ],
        heading('Projected'),
        [
          graph('Age of what the stream consumers were given, in milliseconds', [
            ...projections.map((one) => one.function.metric('IteratorAge', { ...maximum, label: one.name })),
          ]),
          asked('From receipt to projection, in milliseconds', logQueries.lag, third),
          graph('Folds', ours(counted.folds)),
        ],
        heading('Sent'),
        [
          graph('Mails', ours(counted.mails)),
          asked('Outcomes and reasons, in the time shown', logQueries.sends, third),
          asked('What became of mails, in the time shown', logQueries.deliveries, third),
        ],
        heading('Waiting and given up'),
        [
          graph(
            'Oldest message of each queue, in seconds',
            queues
              .filter(({ deadLetterQueue }) => deadLetterQueue !== undefined)
              .map((queue) => queue.metricApproximateAgeOfOldestMessage({ ...maximum, label: nameOf(queue) })),
          ),
          graph(
            'Dead letters',
            queues
              .filter(({ deadLetterQueue }) => deadLetterQueue === undefined)
              .map((queue) => queue.metricApproximateNumberOfMessagesVisible({ ...maximum, label: nameOf(queue) })),
          ),
          graph(
            'Errors of functions',
            functions.map((one) => one.function.metricErrors({ ...sum, label: one.name })),
          ),
        ],
        heading(`What costs, beside ${Object.values(counted).flat().length} metrics that functions count`),
        [
          graph('Units of the table', [
            timeline.table.metricConsumedWriteCapacityUnits(sum),
            timeline.table.metricConsumedReadCapacityUnits(sum),
          ]),
          asked('Invocations, GB-seconds and logs by function, in the time shown', logQueries.functions, 2 * third),
        ],
      ],
    });
  }
}

interface LogQuery {
  view: LogQueryVisualizationType;
  lines: string[];
}

/** What is asked of the logs of all functions; messages and fields are those of the log lines. */
export const logQueries = {
  channels: {
    view: LogQueryVisualizationType.BAR,
    lines: [
      'filter message = "interactions taken in"',
      'stats sum(facts.stored) as interactions by facts.channel',
      'sort interactions desc',
    ],
  },
  lag: {
    view: LogQueryVisualizationType.LINE,
    lines: [
      'filter message = "interactions projected"',
      'fields toMillis(@timestamp) - facts.oldestReceivedMs as lagMs',
      'stats max(lagMs) as longest, pct(lagMs, 50) as median by bin(5m)',
    ],
  },
  sends: {
    view: LogQueryVisualizationType.TABLE,
    lines: [
      'filter message in ["mail sent", "mail suppressed", "the mail service took nothing", "the mail service did not say whether it sent"]',
      'stats count(*) as mails by message, facts.reason, facts.playbook',
      'sort mails desc',
    ],
  },
  deliveries: {
    view: LogQueryVisualizationType.BAR,
    lines: [
      'filter service = "receive-delivery-event" and message = "interactions taken in"',
      'stats sum(facts.stored) as mails by facts.types.0',
    ],
  },
  functions: {
    view: LogQueryVisualizationType.TABLE,
    lines: [
      'stats count(@billedDuration) as invocations, sum(@billedDuration / 1000 * @memorySize / 1024000000) as gigabyteSeconds, sum(strlen(@message)) / 1048576 as logMegabytes by @log',
      'sort gigabyteSeconds desc',
    ],
  },
} satisfies Record<string, LogQuery>;

const height = 6;
/** Of the 24 columns. */
const third = 8;
const period = Duration.minutes(5);
const sum = { statistic: Stats.SUM, period };
const maximum = { statistic: Stats.MAXIMUM, period };

/** What functions count themselves. */
const counted = {
  interactions: ['InteractionsStored', 'InteractionsDuplicated', 'EventsRejected'],
  requests: ['RequestsRefused'],
  folds: ['LeavesFolded', 'LeavesRefolded', 'CustomersFolded', 'LeavesParked'],
  mails: ['FollowUpsSent', 'FollowUpsSuppressed'],
};

/** All bear the one dimension by which they are ten and not a hundred. */
function ours(metricNames: readonly string[]): IMetric[] {
  return metricNames.map(
    (metricName) =>
      new Metric({ namespace: 'Throughline', metricName, dimensionsMap: { service: 'throughline' }, ...sum }),
  );
}

function nameOf({ node }: Queue): string {
  const [, ...path] = node.path.split('/');
  return path.join(' ');
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: third, height });
}

function heading(text: string): IWidget[] {
  return [new TextWidget({ markdown: `## ${text}`, width: 3 * third, height: 1 })];
}
