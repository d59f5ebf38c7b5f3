import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsClients } from '../doctor/awsPorts.ts';

/** Clients of one region, with the credentials that the AWS SDK finds in the environment. */
export function createClients(region: string): AwsClients {
  return {
    cloudFormation: new CloudFormationClient({ region }),
    lambda: new LambdaClient({ region }),
    ses: new SESClient({ region }),
    sesv2: new SESv2Client({ region }),
    sns: new SNSClient({ region }),
    ssm: new SSMClient({ region }),
  };
}
