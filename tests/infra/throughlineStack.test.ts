import { describe, expect, it } from 'vitest';
import { operations } from '../../shared/contracts/operations.ts';
import { flat, functionNames, ofType, type Resource, synthesizedResources } from './synthesized.ts';

const resources = synthesizedResources();
const queues = ofType(resources, 'AWS::SQS::Queue');
/** Seconds that functions may take for which nobody waits. */
const unhurried = new Map([
  ['install-receipt-rule', 60],
  ['project-timeline', 60],
  ['decide-follow-ups', 60],
  ['receive-email', 60],
  ['repair-leaf', 300],
  ['sweep-due', 60],
]);

describe('functions', () => {
  it('are exactly those of the design, named by verb and noun', () => {
    const names = ofType(resources, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
    expect(names.sort()).toEqual(functionNames.map((name) => `Throughline-${name}`));
  });

  it.each(functionNames)('%s runs on Node 24 and arm64, within 25 s when it answers HTTP', (name) => {
    const { Runtime, Architectures, Handler, Timeout } = functionNamed(name);
    expect({ Runtime, Architectures, Handler }).toEqual({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    expect(Timeout).toBeLessThanOrEqual(unhurried.get(name) ?? 25);
  });

  it.each(functionNames)('%s keeps its log for a month and no longer', (name) => {
    const logGroup = (flat(functionNamed(name).LoggingConfig) as { LogGroup: string }).LogGroup;
    expect(resources[logGroup]?.Properties).toEqual({
      LogGroupName: `/aws/lambda/Throughline-${name}`,
      RetentionInDays: 30,
    });
  });

  it.each([
    ['collect-events', ['PARAMETER_PREFIX', 'TABLE_NAME']],
    ['install-receipt-rule', []],
    ['converse', ['COMPANY_NAME', 'PARAMETER_PREFIX', 'PUBLIC_URL', 'TABLE_NAME']],
    ['agent-api', ['PARAMETER_PREFIX', 'TABLE_NAME']],
    ['describe-api', []],
    ['lookup-customer', ['PARAMETER_PREFIX', 'PUBLIC_URL', 'TABLE_NAME']],
    ['project-timeline', ['PARAMETER_PREFIX', 'REPAIR_QUEUE_URL', 'TABLE_NAME']],
    ['decide-follow-ups', ['FOLLOW_UP_QUEUE_URL', 'REPAIR_QUEUE_URL', 'TABLE_NAME']],
    ['sweep-due', ['TABLE_NAME']],
    ['repair-leaf', ['PARAMETER_PREFIX', 'REPAIR_QUEUE_URL', 'TABLE_NAME']],
    ['receive-call', ['PARAMETER_PREFIX', 'PUBLIC_URL', 'TABLE_NAME']],
    ['manage-preferences', ['COMPANY_NAME', 'PARAMETER_PREFIX', 'TABLE_NAME']],
    ['receive-delivery-event', ['PARAMETER_PREFIX', 'TABLE_NAME']],
    ['receive-email', ['MAIL_BUCKET', 'MAIL_DOMAIN', 'PARAMETER_PREFIX', 'SENDER_ADDRESS', 'TABLE_NAME']],
    [
      'send-message',
      [
        'COMPANY_NAME',
        'COMPANY_TIME_ZONE',
        'CONFIGURATION_SET',
        'MAIL_DOMAIN',
        'PARAMETER_PREFIX',
        'PUBLIC_URL',
        'SENDER_ADDRESS',
        'TABLE_NAME',
      ],
    ],
  ])('%s is told %j besides its name', (name, more) => {
    const { Variables } = functionNamed(name).Environment as { Variables: Record<string, unknown> };
    expect(Variables).toMatchObject({
      NODE_OPTIONS: '--enable-source-maps',
      POWERTOOLS_METRICS_NAMESPACE: 'Throughline',
      POWERTOOLS_SERVICE_NAME: name,
    });
    expect(Object.keys(Variables).sort()).toEqual(
      ['NODE_OPTIONS', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME', ...more].sort(),
    );
  });
});

describe('the timeline table', () => {
  const [id, table] = only('AWS::DynamoDB::GlobalTable');

  it('outlives the stack and cannot be deleted by a slip', () => {
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(replica()).toMatchObject({ DeletionProtectionEnabled: true });
  });

  it('is encrypted with the one key of the stack, which rotates and is retained too', () => {
    const [keyId, key] = only('AWS::KMS::Key');
    expect(table.Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
    expect(flat(replica().SSESpecification)).toEqual({ KMSMasterKeyId: `${keyId}.Arn` });
    expect(key).toMatchObject({ DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
  });

  it('can be restored to any second of the last 35 days', () => {
    expect(replica().PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  });

  it('streams old and new images, expires by expiresAtSeconds, and is paid per request', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  });

  it('has one index, the inbox, that shows what a row needs and nothing of the messages', () => {
    expect(table.Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'inbox',
        KeySchema: [
          { AttributeName: 'inboxStatus', KeyType: 'HASH' },
          { AttributeName: 'inboxSince', KeyType: 'RANGE' },
        ],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: [
            'conversationId',
            'customerId',
            'name',
            'status',
            'channel',
            'subject',
            'endedWith',
            'owes',
            'waitingSince',
            'assignee',
            'snoozedUntil',
            'linkedTo',
            'isUnverifiedReply',
            'entity',
            'schemaVersion',
          ],
        },
      },
    ]);
  });

  it.each([
    [
      'new interactions',
      'project-timeline',
      '{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"E#"},{"prefix":"B#"}]}}}}',
    ],
    [
      'changed heads and identity nodes',
      'decide-follow-ups',
      '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":["~h",{"prefix":"~i"}]}}}}',
    ],
  ])('feeds %s to %s, with retries, halving of bad batches, and a place for what stays bad', (_, name, Pattern) => {
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) =>
      flat(mapping.Properties),
    );
    const [failures] = queues.find(([queue]) => queue.startsWith('ProjectionFailures')) ?? [];
    expect(mappings).toContainEqual({
      EventSourceArn: `${id}.StreamArn`,
      FunctionName: functionIdOf(name),
      StartingPosition: 'TRIM_HORIZON',
      FilterCriteria: { Filters: [{ Pattern }] },
      BatchSize: 100,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      DestinationConfig: { OnFailure: { Destination: `${failures}.Arn` } },
    });
  });

  function replica(): Record<string, unknown> {
    return (table.Properties.Replicas as Record<string, unknown>[])[0] ?? {};
  }
});

describe('receiving mail', () => {
  const [bucket, { Properties: kept, ...lifetime }] = only('AWS::S3::Bucket');
  const [topic] = only('AWS::SNS::Topic', 'InboundMail');

  it('keeps whole mails of one domain and tells the topic, once it may', () => {
    const [, { Properties, ...custom }] = only('Custom::ReceiptRule');
    expect(flat(Properties)).toEqual({
      ServiceToken: `${functionIdOf('install-receipt-rule')}.Arn`,
      ServiceTimeout: '300',
      RuleName: expect.anything(),
      Domain: 'MailDomain',
      BucketName: bucket,
      ObjectKeyPrefix: 'raw/',
      TopicArn: topic,
    });
    // SES tries bucket and topic, and the function's own policy is younger than the function.
    const needed = ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'].map((type) => only(type, 'InboundMail')[0]);
    expect((custom as { DependsOn?: string[] }).DependsOn).toEqual(
      expect.arrayContaining([...needed, expect.stringMatching(/^InboundMailRuleInstallReceiptRuleRoleDefaultPolicy/)]),
    );
  });

  it('keeps them encrypted and out of the public’s reach, and longer than the stack', () => {
    expect(lifetime).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(kept).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('lets SES put and publish on behalf of this account alone, and nobody without encryption', () => {
    const statements = (type: string) => {
      const { PolicyDocument } = flat(only(type, 'InboundMail')[1].Properties) as {
        PolicyDocument: { Statement: object[] };
      };
      return PolicyDocument.Statement;
    };
    const onlyThisAccount = { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } };
    const unencrypted = { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const ses = { Effect: 'Allow', Principal: { Service: 'ses.amazonaws.com' }, Condition: onlyThisAccount };
    expect(statements('AWS::S3::BucketPolicy')).toMatchObject([
      { ...unencrypted, Action: 's3:*' },
      { ...ses, Action: 's3:PutObject', Resource: `${bucket}.Arn/raw/*` },
    ]);
    expect(statements('AWS::SNS::TopicPolicy')).toMatchObject([
      unencrypted,
      { ...ses, Action: 'sns:Publish', Resource: topic },
    ]);
  });

  it('hands mails over one by one: none waits for another one or fails with it', () => {
    const [queue, { Properties: properties }] = queues.find(([id]) => /^InboundMailQueue[0-9A-F]{8}$/.test(id)) ?? [
      '',
      { Properties: {} },
    ];
    expect(properties).toMatchObject({ VisibilityTimeout: 360, RedrivePolicy: { maxReceiveCount: 5 } });
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) =>
      flat(mapping.Properties),
    );
    expect(mappings).toContainEqual({
      EventSourceArn: `${queue}.Arn`,
      FunctionName: functionIdOf('receive-email'),
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('repairing', () => {
  it('tries a leaf for as long as its function may take, and none waits for more than one other', () => {
    const [queue, { Properties: properties }] = queues.find(([id]) => /^RepairQueue[0-9A-F]{8}$/.test(id)) ?? [
      '',
      { Properties: {} },
    ];
    expect(properties).toMatchObject({ VisibilityTimeout: 1800, RedrivePolicy: { maxReceiveCount: 3 } });
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) =>
      flat(mapping.Properties),
    );
    expect(mappings).toContainEqual({
      EventSourceArn: `${queue}.Arn`,
      FunctionName: functionIdOf('repair-leaf'),
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('what is due', () => {
  it('is looked for every minute, once: the next one does what this one could not', () => {
    expect(flat(only('AWS::Scheduler::Schedule')[1].Properties)).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: `${functionIdOf('sweep-due')}.Arn`, RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
  });
});

describe('sending', () => {
  it('goes out from one verified domain, only over encrypted connections, and publishes what becomes of it', () => {
    const [sender] = ofType(resources, 'AWS::SES::EmailIdentity').filter(([id]) => id.startsWith('FollowUpsIdentity'));
    const domain = { 'Fn::Select': [1, { 'Fn::Split': ['@', { Ref: 'SenderAddress' }] }] };
    expect(sender?.[1].Properties).toEqual({
      EmailIdentity: domain,
      MailFromAttributes: { MailFromDomain: { 'Fn::Join': ['', ['bounce.', domain]] } },
    });
    const [set, { Properties }] = only('AWS::SES::ConfigurationSet');
    expect(Properties).toMatchObject({ DeliveryOptions: { TlsPolicy: 'REQUIRE' } });
    expect(flat(only('AWS::SES::ConfigurationSetEventDestination')[1].Properties)).toMatchObject({
      ConfigurationSetName: set,
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint', 'reject', 'deliveryDelay'],
      },
    });
  });

  it('has the DNS records of mail made where a hosted zone is given', () => {
    const records = ofType(resources, 'AWS::Route53::RecordSet').map(([id, record]) => {
      const { Name, Type, ResourceRecords, HostedZoneId } = flat(record.Properties) as Record<string, string>;
      expect(HostedZoneId).toBe('HostedZoneId');
      const condition = String((record as { Condition?: string }).Condition).replace(/[0-9A-F]{8}$/, '');
      return [id.replace(/^FollowUpsDns|[0-9A-F]{8}$/g, ''), condition, Type, Name, ResourceRecords].flat();
    });
    expect(records.map(([name, condition, type]) => [name, condition, type])).toEqual([
      ['SenderDkim1', 'FollowUpsDnsHasZone', 'CNAME'],
      ['SenderDkim2', 'FollowUpsDnsHasZone', 'CNAME'],
      ['SenderDkim3', 'FollowUpsDnsHasZone', 'CNAME'],
      ['ReceiverDkim1', 'FollowUpsDnsHasZoneAndIsSeparate', 'CNAME'],
      ['ReceiverDkim2', 'FollowUpsDnsHasZoneAndIsSeparate', 'CNAME'],
      ['ReceiverDkim3', 'FollowUpsDnsHasZoneAndIsSeparate', 'CNAME'],
      ['MailFromMx', 'FollowUpsDnsHasZone', 'MX'],
      ['MailFromSpf', 'FollowUpsDnsHasZone', 'TXT'],
      ['InboundMx', 'FollowUpsDnsHasZone', 'MX'],
    ]);
    const [mailFromMx, mailFromSpf, inboundMx] = records.slice(-3).map((record) => record.slice(3));
    expect(mailFromMx?.[1]).toBe('10 feedback-smtp.AWS::Region.amazonses.com');
    expect(mailFromSpf?.[1]).toBe('"v=spf1 include:amazonses.com ~all"');
    expect(inboundMx).toEqual(['MailDomain', '10 inbound-smtp.AWS::Region.amazonaws.com']);
  });

  it('verifies the receiving domain too, unless it is the sender’s', () => {
    const [receiver] = ofType(resources, 'AWS::SES::EmailIdentity').filter(([id]) => id.startsWith('FollowUpsDns'));
    expect(receiver?.[1]).toMatchObject({
      Condition: expect.stringMatching(/^FollowUpsDnsIsSeparate/),
      Properties: { EmailIdentity: { Ref: 'MailDomain' } },
    });
  });

  it('hears of its own mails alone', () => {
    const [set] = only('AWS::SES::ConfigurationSet');
    expect(flat(only('AWS::Events::Rule')[1].Properties)).toMatchObject({
      EventPattern: { source: ['aws.ses'], detail: { mail: { tags: { 'ses:configuration-set': [set] } } } },
      Targets: [{ Arn: expect.stringMatching(/^FollowUpsEvents\w+\.Arn$/) }],
    });
  });

  it('is tried long enough: a claim without proof is looked at again after 15 minutes, and once more after 30', () => {
    const [, due] = queues.find(([id]) => /^FollowUpsDue[0-9A-F]{8}$/.test(id)) ?? [];
    const { maxReceiveCount } = flat(due?.Properties.RedrivePolicy) as { maxReceiveCount: number };
    expect((Number(due?.Properties.VisibilityTimeout) * maxReceiveCount) / 60).toBeGreaterThan(35);
  });
});

describe('the HTTP API', () => {
  it('routes every operation to its function, and nothing else', () => {
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
      const integration = String(flat(Properties.Target)).replace('integrations/', '');
      const target = String(flat(resources[integration]?.Properties.IntegrationUri)).replace('.Arn', '');
      return `${Properties.RouteKey} → ${resources[target]?.Properties.FunctionName}`;
    });
    const wanted = operations.map(({ method, path, function: name }) => `${method} ${path} → Throughline-${name}`);
    expect(routes.sort()).toEqual(wanted.sort());
    expect(routes).toContain('POST /v1/{call} → Throughline-collect-events');
  });

  it('hands over events in payload format 2.0', () => {
    const integrations = ofType(resources, 'AWS::ApiGatewayV2::Integration').map(([, { Properties }]) => Properties);
    expect(integrations).toHaveLength(new Set(operations.map((operation) => operation.function)).size);
    for (const properties of integrations) expect(properties).toMatchObject({ PayloadFormatVersion: '2.0' });
  });

  it('has a public address: the one that is given, else its own', () => {
    const { Variables } = functionNamed('lookup-customer').Environment as { Variables: Record<string, unknown> };
    expect(Variables.PUBLIC_URL).toEqual({
      'Fn::If': [
        expect.any(String),
        { Ref: 'PublicUrl' },
        { 'Fn::GetAtt': [only('AWS::ApiGatewayV2::Api')[0], 'ApiEndpoint'] },
      ],
    });
  });

  it('leaves CORS to the functions', () => {
    expect(only('AWS::ApiGatewayV2::Api')[1].Properties).not.toHaveProperty('CorsConfiguration');
  });

  it('logs the pattern of a route, never a path, a query string or an address', () => {
    const [, stage] = only('AWS::ApiGatewayV2::Stage');
    const { Format } = stage.Properties.AccessLogSettings as { Format: string };
    expect(Object.values(JSON.parse(Format))).toEqual([
      '$context.requestId',
      '$context.requestTime',
      '$context.routeKey',
      '$context.status',
      '$context.responseLength',
      '$context.responseLatency',
      '$context.integrationLatency',
      '$context.integrationErrorMessage',
    ]);
  });
});

describe('the stack', () => {
  it('is made of these types, whose guarantees and prices are known', () => {
    const types = new Set(Object.values(resources).map(({ Type }) => Type));
    expect([...types].sort()).toEqual([
      'AWS::ApiGatewayV2::Api',
      'AWS::ApiGatewayV2::Integration',
      'AWS::ApiGatewayV2::Route',
      'AWS::ApiGatewayV2::Stage',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::GlobalTable',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::Route53::RecordSet',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SES::ConfigurationSet',
      'AWS::SES::ConfigurationSetEventDestination',
      'AWS::SES::EmailIdentity',
      'AWS::SNS::Subscription',
      'AWS::SNS::Topic',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::Scheduler::Schedule',
      'Custom::ReceiptRule',
    ]);
  });
});

function functionNamed(name: string): Record<string, unknown> {
  return resources[functionIdOf(name)]?.Properties ?? {};
}

function functionIdOf(name: string): string {
  const functions = ofType(resources, 'AWS::Lambda::Function');
  const found = functions.find(([, { Properties }]) => Properties.FunctionName === `Throughline-${name}`);
  if (!found) throw new Error(`No function ${name}`);
  return found[0];
}

function only(type: string, prefix = ''): [string, Resource] {
  const [first, ...others] = ofType(resources, type).filter(([id]) => id.startsWith(prefix));
  if (!first || others.length > 0) throw new Error(`Expected one ${type}`);
  return first;
}
