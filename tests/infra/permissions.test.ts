import { describe, expect, it } from 'vitest';
import { operations } from '../../shared/contracts/operations.ts';
import {
  flat,
  functionNames,
  ofType,
  type Resource,
  synthesizedResources,
  synthesizedTemplate,
} from './synthesized.ts';

const resources = synthesizedResources();
const table = idOf('AWS::DynamoDB::GlobalTable');
const key = idOf('AWS::KMS::Key');

/** Each function's statements as `action on resource`, its own log and traces left out. */
const permissions = Object.fromEntries(functionNames.map((name) => [name, permissionsOf(name)]));

const useOfTableKey = [
  'kms:Decrypt on key via dynamodb',
  'kms:DescribeKey on key via dynamodb',
  'kms:Encrypt on key via dynamodb',
  'kms:GenerateDataKey on key via dynamodb',
  'kms:ReEncryptFrom on key via dynamodb',
  'kms:ReEncryptTo on key via dynamodb',
];
const readOfParameters = [
  'kms:Decrypt on key via ssm',
  'ssm:GetParametersByPath on arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/throughline/Throughline',
  'ssm:GetParametersByPath on arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/throughline/Throughline/*',
];

const useOfQueue = (queue: string) =>
  ['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map((action) => `sqs:${action} on ${queue}`);

describe('what each function may do', () => {
  it('collect-events writes interactions and cannot read a single one', () => {
    expect(permissions['collect-events']).toEqual(
      ['dynamodb:PartiQLInsert on table', 'dynamodb:PutItem on table', ...useOfTableKey, ...readOfParameters].sort(),
    );
  });

  it('converse writes messages and reads conversations', () => {
    expect(permissions.converse).toEqual(
      [
        'dynamodb:BatchGetItem on table',
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        ...useOfTableKey,
        ...readOfParameters,
      ].sort(),
    );
  });

  it('agent-api reads everything, the inbox included, adds messages and acts, and changes who is who', () => {
    expect(permissions['agent-api']).toEqual(
      [
        'dynamodb:BatchGetItem on table',
        'dynamodb:DeleteItem on table',
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        'dynamodb:Query on table/index/inbox',
        ...useOfTableKey,
        ...readOfParameters,
      ].sort(),
    );
  });

  it('lookup-customer reads by query alone and writes nothing', () => {
    expect(permissions['lookup-customer']).toEqual(
      ['dynamodb:Query on table', ...useOfTableKey, ...readOfParameters].sort(),
    );
  });

  it('receive-call writes interactions and cannot read a single one', () => {
    expect(permissions['receive-call']).toEqual(
      ['dynamodb:PutItem on table', ...useOfTableKey, ...readOfParameters].sort(),
    );
  });

  it('receive-email reads originals, keeps their parts, writes interactions, and reads nothing but what reply addresses are for', () => {
    const [ofBucket, others] = [true, false].map((wanted) =>
      permissions['receive-email']?.filter((permission) => permission.startsWith('s3:') === wanted),
    );
    expect(others).toEqual(
      [
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        ...useOfTableKey,
        'kms:Decrypt on key via s3',
        'kms:GenerateDataKey on key via s3',
        ...readOfParameters,
        ...useOfQueue('InboundMailQueue'),
      ].sort(),
    );
    const reading = statementsOf('receive-email').find(({ actions }) => actions.includes('dynamodb:GetItem'));
    expect(reading?.condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*'] } });
    expect(ofBucket).toEqual([
      expect.stringMatching(/^s3:GetObject on InboundMailMails\w+\.Arn\/raw\/\*$/),
      expect.stringMatching(/^s3:PutObject on InboundMailMails\w+\.Arn\/parts\/\*$/),
    ]);
  });

  it('send-message reads customers, keeps its ledger, and sends from one address through one configuration set', () => {
    const [ofSending, others] = [true, false].map((wanted) =>
      permissions['send-message']?.filter((permission) => permission.startsWith('ses:') === wanted),
    );
    expect(others).toEqual(
      [
        'dynamodb:BatchGetItem on table',
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        ...useOfTableKey,
        ...readOfParameters,
        ...useOfQueue('FollowUpsDue'),
      ].sort(),
    );
    expect(ofSending).toEqual([
      expect.stringMatching(/^ses:SendRawEmail on arn:\S+:configuration-set\/FollowUpsSending\w+$/),
      expect.stringMatching(/^ses:SendRawEmail on arn:\S+:identity\/FollowUpsIdentity\w+$/),
    ]);
    const sending = statementsOf('send-message').find(({ actions }) => actions.includes('ses:SendRawEmail'));
    expect(sending?.condition).toEqual({ StringEquals: { 'ses:FromAddress': 'SenderAddress' } });
  });

  it('receive-delivery-event writes interactions and ledgers and reads no customer', () => {
    expect(permissions['receive-delivery-event']).toEqual(
      [
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        ...useOfTableKey,
        ...readOfParameters,
        ...useOfQueue('FollowUpsEvents'),
      ].sort(),
    );
  });

  it('manage-preferences writes objections and reads no customer', () => {
    expect(permissions['manage-preferences']).toEqual(
      ['dynamodb:GetItem on table', 'dynamodb:PutItem on table', ...useOfTableKey, ...readOfParameters].sort(),
    );
  });

  it('install-receipt-rule changes receipt rules and rule sets, and touches no data', () => {
    expect(permissions['install-receipt-rule']).toEqual([
      'ses:CreateReceiptRule on *',
      'ses:CreateReceiptRuleSet on *',
      'ses:DeleteReceiptRule on *',
      'ses:DeleteReceiptRuleSet on *',
      'ses:DescribeActiveReceiptRuleSet on *',
      'ses:DescribeReceiptRuleSet on *',
      'ses:SetActiveReceiptRuleSet on *',
      'ses:UpdateReceiptRule on *',
    ]);
  });

  it('describe-api touches no data', () => {
    expect(permissions['describe-api']).toEqual([]);
  });

  it('project-timeline links and folds the table, reads its stream, notes failures, and sends nothing to anybody', () => {
    expect(permissions['project-timeline']).toEqual(
      [
        'dynamodb:ConditionCheckItem on table',
        'dynamodb:DeleteItem on table',
        'dynamodb:DescribeStream on table/stream/*',
        'dynamodb:GetItem on table',
        'dynamodb:GetRecords on table/stream/*',
        'dynamodb:GetShardIterator on table/stream/*',
        'dynamodb:ListStreams on table/stream/*',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        'dynamodb:UpdateItem on table',
        ...useOfTableKey,
        ...readOfParameters,
        'sqs:GetQueueAttributes on ProjectionFailures',
        'sqs:GetQueueUrl on ProjectionFailures',
        'sqs:SendMessage on ProjectionFailures',
        'sqs:SendMessage on RepairQueue',
      ].sort(),
    );
  });

  it('decide-follow-ups folds the table, reads its stream, notes failures, and puts what is due into its queue', () => {
    expect(permissions['decide-follow-ups']).toEqual(
      [
        'dynamodb:ConditionCheckItem on table',
        'dynamodb:DeleteItem on table',
        'dynamodb:DescribeStream on table/stream/*',
        'dynamodb:GetItem on table',
        'dynamodb:GetRecords on table/stream/*',
        'dynamodb:GetShardIterator on table/stream/*',
        'dynamodb:ListStreams on table/stream/*',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        'dynamodb:UpdateItem on table',
        ...useOfTableKey,
        'sqs:GetQueueAttributes on ProjectionFailures',
        'sqs:GetQueueUrl on ProjectionFailures',
        'sqs:SendMessage on FollowUpsDue',
        'sqs:SendMessage on ProjectionFailures',
        'sqs:SendMessage on RepairQueue',
      ].sort(),
    );
  });

  it('repair-leaf links and folds the table, and asks itself to try again', () => {
    expect(permissions['repair-leaf']).toEqual(
      [
        'dynamodb:ConditionCheckItem on table',
        'dynamodb:DeleteItem on table',
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        'dynamodb:UpdateItem on table',
        ...useOfTableKey,
        ...readOfParameters,
        ...useOfQueue('RepairQueue'),
        'sqs:SendMessage on RepairQueue',
      ].sort(),
    );
  });

  it('sweep-due reads and writes the table and reaches nobody', () => {
    expect(permissions['sweep-due']).toEqual(
      [
        'dynamodb:DeleteItem on table',
        'dynamodb:GetItem on table',
        'dynamodb:PutItem on table',
        'dynamodb:Query on table',
        ...useOfTableKey,
      ].sort(),
    );
  });

  it.each(functionNames)('%s writes to its own log and to no other', (name) => {
    const writes = statementsOf(name).filter(({ actions }) => actions.some((action) => action.startsWith('logs:')));
    const logGroup = flat(functionNamed(name).Properties.LoggingConfig);
    expect(writes).toEqual([
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [`${(logGroup as { LogGroup: string }).LogGroup}.Arn`],
        condition: undefined,
      },
    ]);
  });
});

describe('traces', () => {
  const tracingOf = (name: string) => flat(functionNamed(name).Properties.TracingConfig);

  it.each(functionNames.filter((name) => name !== 'sweep-due'))(
    '%s records them where they are switched on, and reads none',
    (name) => {
      expect(tracingOf(name)).toEqual({ Mode: 'Tracing' });
      const statements = statementsOf(name).filter(({ actions }) => actions.some((action) => /^xray:/.test(action)));
      expect(statements).toEqual([
        { actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], resources: ['*'], condition: undefined },
      ]);
    },
  );

  it('sweep-due records none: it runs every minute, also where nothing happens', () => {
    expect(tracingOf('sweep-due')).toBeUndefined();
    expect(
      statementsOf('sweep-due')
        .flatMap(({ actions }) => actions)
        .filter((action) => /^xray:/.test(action)),
    ).toEqual([]);
  });

  it('are switched off by default, so that they cost nothing', () => {
    expect(synthesizedTemplate().Parameters?.Tracing).toMatchObject({
      Default: 'PassThrough',
      AllowedValues: ['Active', 'PassThrough'],
    });
  });
});

describe('policies in general', () => {
  it('no role carries a policy managed by AWS', () => {
    const managed = ofType(resources, 'AWS::IAM::Role').flatMap(([, role]) => role.Properties.ManagedPolicyArns ?? []);
    expect(managed).toEqual([]);
  });

  it('no statement names every resource, unless IAM knows none for it, or every action of a service', () => {
    const statements = functionNames.filter((name) => name !== 'install-receipt-rule').flatMap(statementsOf);
    const everywhere = statements.filter((statement) => statement.resources.includes('*'));
    expect(new Set(everywhere.flatMap(({ actions }) => actions))).toEqual(
      new Set(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']),
    );
    expect(statements.flatMap((statement) => statement.actions).filter((action) => action.endsWith('*'))).toEqual([]);
  });

  it('parameters are decrypted below the path of the stack alone', () => {
    const conditions = functionNames
      .flatMap(statementsOf)
      .map(({ condition }) => condition as Record<string, Record<string, string>> | undefined)
      .flatMap((condition) => condition?.StringLike?.['kms:EncryptionContext:PARAMETER_ARN'] ?? []);
    expect(new Set(conditions)).toEqual(
      new Set(['arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/throughline/Throughline/*']),
    );
  });

  it('functions are invoked by the gateway alone, and only by this API', () => {
    const invokers = ofType(resources, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(invokers).toHaveLength(new Set(operations.map((operation) => operation.function)).size);
    for (const { Principal, SourceArn } of invokers) {
      expect(Principal).toBe('apigateway.amazonaws.com');
      expect(flat(SourceArn)).toMatch(
        /^arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:HttpApi\w+\/\*\/\*\/\*$/,
      );
    }
  });
});

interface Statement {
  actions: string[];
  resources: string[];
  condition: unknown;
}

function permissionsOf(name: string): string[] {
  return statementsOf(name)
    .filter(({ actions }) => !actions.some((action) => /^(logs|xray):/.test(action)))
    .flatMap(({ actions, resources: on, condition }) =>
      actions.flatMap((action) => on.map((resource) => `${action} on ${named(resource)}${via(condition)}`)),
    )
    .sort();
}

function statementsOf(name: string): Statement[] {
  const role = flat(functionNamed(name).Properties.Role);
  return ofType(resources, 'AWS::IAM::Policy')
    .map(([, policy]) => flat(policy.Properties) as { Roles: string[]; PolicyDocument: { Statement: RawStatement[] } })
    .filter(({ Roles }) => Roles.some((id) => `${id}.Arn` === role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Action, Resource: on, Condition }) => ({
      actions: [Action].flat(),
      resources: [on].flat(),
      condition: Condition,
    }));
}

interface RawStatement {
  Action: string | string[];
  Resource: string | string[];
  Condition?: unknown;
}

function functionNamed(name: string): Resource {
  const found = ofType(resources, 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties.FunctionName === `Throughline-${name}`,
  );
  if (!found) throw new Error(`No function ${name}`);
  return found[1];
}

function named(resource: string): string {
  const [queue] = ofType(resources, 'AWS::SQS::Queue').find(([id]) => resource === `${id}.Arn`) ?? [];
  // A logical id ends in a hash of eight characters.
  if (queue) return queue.slice(0, -8);
  return resource.replace(`${table}.Arn`, 'table').replace(`${key}.Arn`, 'key');
}

function via(condition: unknown): string {
  return /"kms:ViaService":"(\w+)\./.exec(JSON.stringify(condition ?? {}))?.[1]?.replace(/^/, ' via ') ?? '';
}

function idOf(type: string): string {
  const [first, ...others] = ofType(resources, type);
  if (!first || others.length > 0) throw new Error(`Expected one ${type}`);
  return first[0];
}
