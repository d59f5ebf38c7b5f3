import { describe, expect, it } from 'vitest';
import { metricNames } from '../../shared/platform/log.ts';
import * as guarantees from './guarantees.ts';
import { ofType, type Resource, synthesizedResources } from './synthesized.ts';

const resources = synthesizedResources();

/** Each guarantee, how a template breaks it, and what is then said. */
const cases: [string, (all: guarantees.Resources) => string[], (all: guarantees.Resources) => unknown, RegExp][] = [
  [
    'every queue has a dead-letter queue or is one',
    guarantees.everyQueueHasDeadLetters,
    (all) => delete properties(all, 'AWS::SQS::Queue', /^RepairQueue(?!Dead)/).RedrivePolicy,
    /^RepairQueue(DeadLetters)?\w{8} has no dead-letter queue and is none\.$/,
  ],
  [
    'a dead letter waits for 14 days',
    guarantees.everyQueueHasDeadLetters,
    (all) => delete properties(all, 'AWS::SQS::Queue', /^FollowUpsDueDeadLetters/).MessageRetentionPeriod,
    /^FollowUpsDueDeadLetters\w{8} keeps dead letters for less than 14 days\.$/,
  ],
  [
    'every dead-letter queue raises an alarm',
    guarantees.everyDeadLetterRaisesAnAlarm,
    (all) => (properties(all, 'AWS::CloudWatch::Alarm', /DeadLetters/).Metrics as unknown[]).pop(),
    /^ProjectionFailures\w{8} raises no alarm\.$/,
  ],
  [
    'every alarm tells somebody',
    guarantees.everyDeadLetterRaisesAnAlarm,
    (all) => delete properties(all, 'AWS::CloudWatch::Alarm', /DeadLetters/).AlarmActions,
    /raises no alarm\.$/,
  ],
  [
    'no queue, topic or bucket lets everybody in',
    guarantees.nothingIsPublic,
    (all) => allow(all, 'AWS::SNS::TopicPolicy', { Effect: 'Allow', Principal: '*', Action: 'sns:Publish' }),
    /lets everybody in\.$/,
  ],
  [
    'no key or policy serves a service on behalf of other accounts',
    guarantees.nothingIsPublic,
    (all) => allow(all, 'AWS::KMS::Key', { Effect: 'Allow', Principal: { Service: 'ses.amazonaws.com' } }),
    /^EncryptionKey\w{8} lets ses\.amazonaws\.com in on behalf of any account\.$/,
  ],
  [
    'functions are invoked by our gateway and no other',
    guarantees.nothingIsPublic,
    (all) => delete properties(all, 'AWS::Lambda::Permission').SourceArn,
    /lets every caller of apigateway\.amazonaws\.com in\.$/,
  ],
  [
    'no function has an address of its own',
    guarantees.nothingIsPublic,
    (all) => Object.assign(all, { Url: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } } }),
    /^Url is an address without the gateway\.$/,
  ],
  [
    'no bucket can become public',
    guarantees.nothingIsPublic,
    (all) => delete properties(all, 'AWS::S3::Bucket').PublicAccessBlockConfiguration,
    /^InboundMailMails\w{8} may become public\.$/,
  ],
  ...(['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::S3::Bucket', 'AWS::DynamoDB::GlobalTable'] as const).map(
    (type): (typeof cases)[number] => [
      `every ${type} is encrypted`,
      guarantees.everythingIsEncrypted,
      (all) => {
        const found = properties(all, type);
        for (const name of ['SqsManagedSseEnabled', 'KmsMasterKeyId', 'BucketEncryption', 'SSESpecification']) {
          delete found[name];
        }
      },
      /is not encrypted as it should be\.$/,
    ],
  ),
  ...(['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'] as const).map(
    (type): (typeof cases)[number] => [
      `what ${type} guards is reached by TLS only`,
      guarantees.onlyTls,
      (all) => Object.assign(properties(all, type), { PolicyDocument: { Statement: [] } }),
      /accepts requests without TLS\.$/,
    ],
  ),
  [
    'mail leaves by TLS only',
    guarantees.onlyTls,
    (all) => delete properties(all, 'AWS::SES::ConfigurationSet').DeliveryOptions,
    /sends mail without TLS\.$/,
  ],
  ...(['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key'] as const).map(
    (type): (typeof cases)[number] => [
      `every ${type} outlives the stack`,
      guarantees.everyStoreIsRetained,
      (all) => Object.assign(resource(all, type), { DeletionPolicy: 'Delete' }),
      /goes with the stack\.$/,
    ],
  ),
  [
    'the table cannot be deleted by a slip',
    guarantees.everyStoreIsRetained,
    (all) => delete replica(all).DeletionProtectionEnabled,
    /^TimelineTable\w{8} can be deleted by a slip\.$/,
  ],
  [
    'the table can be restored',
    guarantees.everyStoreIsRetained,
    (all) => delete replica(all).PointInTimeRecoverySpecification,
    /^TimelineTable\w{8} cannot be restored\.$/,
  ],
  [
    'every log ends',
    guarantees.everyLogEnds,
    (all) => delete properties(all, 'AWS::Logs::LogGroup').RetentionInDays,
    /is not kept for 30 days\.$/,
  ],
  ...(
    [
      ['Timeout', /has no time-out of its own\.$/],
      ['MemorySize', /has no memory of its own\.$/],
      ['LoggingConfig', /has no log group of the stack\.$/],
    ] as const
  ).map(([name, said]): (typeof cases)[number] => [
    `every function has its ${name}`,
    guarantees.everyFunctionIsBounded,
    (all) => delete properties(all, 'AWS::Lambda::Function')[name],
    said,
  ]),
  [
    'no function reserves what a new account has not got',
    guarantees.everyFunctionIsBounded,
    (all) => Object.assign(properties(all, 'AWS::Lambda::Function'), { ReservedConcurrentExecutions: 5 }),
    /reserves, which new accounts refuse\.$/,
  ],
  [
    'a queue starts a bounded number of its function',
    guarantees.everyFunctionIsBounded,
    (all) => delete properties(all, 'AWS::Lambda::EventSourceMapping', /^Repair/).ScalingConfig,
    /^RepairRepairLeafFunction\w{8} is started by nothing that bounds how often\.$/,
  ],
  [
    'every route has a throttle of its own',
    guarantees.everyRouteIsThrottled,
    (all) => delete settingsOfRoutes(all)['GET /lookup'],
    /^GET \/lookup has no throttle of its own\.$/,
  ],
];

describe('over every resource of the template', () => {
  it.each(cases)('%s', (_, faultsOf, breakIt, said) => {
    expect(faultsOf(resources)).toEqual([]);
    const broken = structuredClone(resources);
    breakIt(broken);
    const faults = faultsOf(broken);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(said);
  });
});

describe('who may do what', () => {
  const allowed = ofType(resources, 'AWS::IAM::Policy').flatMap(([id, { Properties }]) =>
    guarantees.statementsIn(Properties).flatMap((statement) => {
      const { Action, Resource: on } = statement as { Action: string | string[]; Resource: unknown };
      return [Action].flat().map((action) => ({ by: id.replace(/Role.*$/, ''), action, on: [on].flat() }));
    }),
  );
  const whoMay = (action: RegExp) => [...new Set(allowed.filter((one) => action.test(one.action)).map(({ by }) => by))];

  it('one function alone sends mail', () => {
    expect(whoMay(/^ses:Send/)).toEqual(['FollowUpsSendMessage']);
  });

  it('what takes in events and calls reads nothing of the table', () => {
    const readers = whoMay(/^dynamodb:(BatchGetItem|GetItem|Query|Scan|PartiQLSelect|GetRecords)$/);
    expect(readers).not.toContain('CollectEvents');
    expect(readers).not.toContain('ReceiveCall');
    expect(readers).toContain('AgentApi');
  });

  it('what looks customers up writes nothing', () => {
    const writers = whoMay(/^dynamodb:(PutItem|UpdateItem|DeleteItem|BatchWriteItem|PartiQL(Insert|Update|Delete))$/);
    expect(writers).not.toContain('LookupCustomer');
    expect(writers).toContain('CollectEvents');
  });

  it('nobody scans the table, or changes it as a whole', () => {
    expect(whoMay(/^dynamodb:(Scan|.*Table|.*Backup.*)$/)).toEqual([]);
  });

  it('mails are read and their parts kept by the function that receives them', () => {
    expect(whoMay(/^s3:/)).toEqual(['ReceiveEmail']);
  });

  it('no action is a wildcard, and every resource only where IAM knows none: receipt rules and traces', () => {
    expect(allowed.filter(({ action }) => action.includes('*'))).toEqual([]);
    const everywhere = allowed.filter(({ action, on }) => on.includes('*') && !/^xray:Put/.test(action));
    expect([...new Set(everywhere.map(({ by, action }) => `${by} ${action.split(':')[0]}`))]).toEqual([
      'InboundMailRuleInstallReceiptRule ses',
    ]);
    for (const { action } of everywhere) expect(action).toMatch(/^ses:\w+(ReceiptRule|ReceiptRuleSet)$/);
  });
});

describe('what runs at once', () => {
  it('fits into the ten executions of a new account: queues take eight at most', () => {
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    const most = mappings.map(({ ScalingConfig }) => Number(Object(ScalingConfig).MaximumConcurrency ?? 0));
    expect(most.reduce((sum, one) => sum + one)).toBe(8);
  });

  it('is bounded for each function by what starts it', () => {
    const bounds = ofType(resources, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      String(Properties.FunctionName).replace('Throughline-', ''),
      guarantees.boundsOf(resources, id).join(', '),
    ]);
    expect(Object.fromEntries(bounds)).toEqual({
      'agent-api': 'routes',
      'collect-events': 'routes',
      converse: 'routes',
      'decide-follow-ups': 'stream',
      'describe-api': 'routes',
      'install-receipt-rule': 'deployment',
      'lookup-customer': 'routes',
      'manage-preferences': 'routes',
      'project-timeline': 'stream',
      'receive-call': 'routes',
      'receive-delivery-event': 'queue 2',
      'receive-email': 'queue 2',
      'repair-leaf': 'queue 2',
      'send-message': 'queue 2',
      'sweep-due': 'schedule',
    });
  });

  it.each([
    ['POST /v1/{call}', 1000, 2000],
    ['POST /widget/messages', 100, 200],
    ['GET /widget/messages', 500, 1000],
    ['GET /customers', 100, 200],
    ['GET /lookup', 50, 100],
    ['POST /voice/twilio/voice', 100, 200],
    ['POST /unsubscribe/{token}', 200, 1000],
    ['GET /health', 10, 20],
  ])('%s takes %d requests per second, %d at once', (route, ThrottlingRateLimit, ThrottlingBurstLimit) => {
    expect(settingsOfRoutes(resources)[route]).toEqual({ ThrottlingRateLimit, ThrottlingBurstLimit });
  });
});

describe('what is watched', () => {
  it('has at most ten alarms, each of at most ten metrics', () => {
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(0);
    expect(alarms.length).toBeLessThanOrEqual(10);
    for (const [, { Properties }] of alarms) {
      const metrics = (Properties.Metrics ?? []) as { MetricStat?: unknown }[];
      expect(metrics.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
    }
  });

  it('has at most ten metrics of its own', () => {
    expect(metricNames.length).toBeGreaterThan(0);
    expect(metricNames.length).toBeLessThanOrEqual(10);
  });
});

function resource(all: guarantees.Resources, type: string, id = /^/): Resource {
  const [found] = ofType(all, type).filter(([logicalId]) => id.test(logicalId));
  if (!found) throw new Error(`No ${type} ${id}`);
  return found[1];
}

function properties(all: guarantees.Resources, type: string, id?: RegExp): Record<string, unknown> {
  return resource(all, type, id).Properties;
}

function replica(all: guarantees.Resources): Record<string, unknown> {
  const [first] = properties(all, 'AWS::DynamoDB::GlobalTable').Replicas as Record<string, unknown>[];
  if (!first) throw new Error('No replica');
  return first;
}

function settingsOfRoutes(all: guarantees.Resources): Record<string, unknown> {
  return properties(all, 'AWS::ApiGatewayV2::Stage').RouteSettings as Record<string, unknown>;
}

function allow(all: guarantees.Resources, type: string, statement: object): void {
  const { PolicyDocument, KeyPolicy } = properties(all, type) as Record<string, { Statement: object[] } | undefined>;
  (PolicyDocument ?? KeyPolicy)?.Statement.push(statement);
}
