import { accountId, region } from '../messaging/startMessaging.ts';
import type { TemplateResource } from './readAssembly.ts';

export interface IdentityContext {
  stackName: string;
  queueUrl(name: string): string;
  apiUrl: string;
  resolve(value: unknown): unknown;
}

export interface ResourceIdentity {
  physicalId: string;
  attributes: Record<string, string>;
}

type Identify = (name: string, context: IdentityContext) => ResourceIdentity;

/** The names under which the template's other resources, functions and clients know this one. */
export function identify(logicalId: string, resource: TemplateResource, context: IdentityContext): ResourceIdentity {
  const given = context.resolve(resource.Properties?.[nameProperties[resource.Type] ?? '']);
  const name = typeof given === 'string' && given !== '' ? given : `${context.stackName}-${logicalId}`;
  const known = identities[resource.Type];
  return known ? known(name, context) : other(name, resource.Type);
}

const nameProperties: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SES::ConfigurationSet': 'Name',
  'AWS::SES::EmailIdentity': 'EmailIdentity',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::Scheduler::ScheduleGroup': 'Name',
};

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${accountId}:${resource}`;

const table: Identify = (name) => ({
  physicalId: name,
  attributes: {
    Arn: arn('dynamodb', `table/${name}`),
    // The label tells streams of one table apart; this table has one for ever.
    StreamArn: arn('dynamodb', `table/${name}/stream/2026-01-01T00:00:00.000`),
    TableId: name,
  },
});

const identities: Record<string, Identify> = {
  'AWS::ApiGatewayV2::Api': (_, { apiUrl }) => ({
    physicalId: 'local',
    attributes: { ApiId: 'local', ApiEndpoint: apiUrl },
  }),
  'AWS::ApiGatewayV2::Stage': () => ({ physicalId: '$default', attributes: {} }),
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBus': (name) => ({
    physicalId: name,
    attributes: { Arn: arn('events', `event-bus/${name}`), Name: name },
  }),
  'AWS::Events::Rule': (name) => ({ physicalId: name, attributes: { Arn: arn('events', `rule/${name}`) } }),
  'AWS::IAM::Role': (name) => ({
    physicalId: name,
    attributes: { Arn: `arn:aws:iam::${accountId}:role/${name}`, RoleId: name },
  }),
  'AWS::KMS::Key': (name) => ({ physicalId: name, attributes: { Arn: arn('kms', `key/${name}`), KeyId: name } }),
  'AWS::Lambda::Function': (name) => ({ physicalId: name, attributes: { Arn: arn('lambda', `function:${name}`) } }),
  'AWS::Logs::LogGroup': (name) => ({
    physicalId: name,
    attributes: { Arn: `${arn('logs', `log-group:${name}`)}:*` },
  }),
  'AWS::S3::Bucket': (name) => {
    const bucket = name.toLowerCase();
    const domain = `${bucket}.s3.amazonaws.com`;
    return { physicalId: bucket, attributes: { Arn: `arn:aws:s3:::${bucket}`, DomainName: domain } };
  },
  'AWS::SNS::Topic': (name) => {
    const topicArn = arn('sns', name);
    return { physicalId: topicArn, attributes: { Arn: topicArn, TopicArn: topicArn, TopicName: name } };
  },
  'AWS::SQS::Queue': (name, { queueUrl }) => ({
    physicalId: queueUrl(name),
    attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: queueUrl(name) },
  }),
  'AWS::SSM::Parameter': (name) => ({
    physicalId: name,
    attributes: { Arn: arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`) },
  }),
  'AWS::Scheduler::Schedule': (name) => ({
    physicalId: name,
    attributes: { Arn: arn('scheduler', `schedule/default/${name}`) },
  }),
};

/** What this machine does not run still has a name, because others mention it. */
function other(name: string, type: string): ResourceIdentity {
  const [, service = 'other'] = type.split('::');
  return { physicalId: name, attributes: { Arn: arn(service.toLowerCase(), name) } };
}
