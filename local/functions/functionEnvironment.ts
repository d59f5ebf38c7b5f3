import { region } from '../messaging/startMessaging.ts';
import type { DeployedResource, ServiceEndpoints } from '../ports.ts';

/** The variables by which SDK clients find each service. */
const endpointVariables: Record<keyof ServiceEndpoints, readonly string[]> = {
  dynamodb: ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_DYNAMODB_STREAMS'],
  sqs: ['AWS_ENDPOINT_URL_SQS'],
  sns: ['AWS_ENDPOINT_URL_SNS'],
  s3: ['AWS_ENDPOINT_URL_S3'],
  ssm: ['AWS_ENDPOINT_URL_SSM'],
  ses: ['AWS_ENDPOINT_URL_SES', 'AWS_ENDPOINT_URL_SESV2'],
  scheduler: ['AWS_ENDPOINT_URL_SCHEDULER'],
  events: ['AWS_ENDPOINT_URL_EVENTBRIDGE'],
};

/** What points any SDK client at the embedded services, with credentials that mean nothing anywhere else. */
export function clientEnvironment(endpoints: ServiceEndpoints): Record<string, string> {
  const services = Object.entries(endpointVariables) as [keyof ServiceEndpoints, readonly string[]][];
  return {
    ...Object.fromEntries(
      services.flatMap(([service, names]) => names.map((name): [string, string] => [name, endpoints[service]])),
    ),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    // A developer's own profiles and an instance's role stay out of it.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The environment of one function: what the template says, and what Lambda adds. */
export function functionEnvironment(
  resource: DeployedResource,
  endpoints: ServiceEndpoints,
  directory: string,
): Record<string, string> {
  const { Environment, Handler, MemorySize } = resource.properties as {
    Environment?: { Variables?: Record<string, unknown> };
    Handler?: string;
    MemorySize?: number;
  };
  const given = Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    ...clientEnvironment(endpoints),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: Handler ?? '',
    LAMBDA_TASK_ROOT: directory,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: resource.physicalId,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize ?? 128),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resource.physicalId}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    ...Object.fromEntries(given),
  };
}
