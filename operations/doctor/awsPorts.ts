import { Resolver } from 'node:dns/promises';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeActiveReceiptRuleSetCommand,
  GetIdentityDkimAttributesCommand,
  GetIdentityMailFromDomainAttributesCommand,
  GetIdentityVerificationAttributesCommand,
  type SESClient,
} from '@aws-sdk/client-ses';
import { GetAccountCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { readParameters } from '../../shared/platform/parameters.ts';
import { describeStack, listStackResources, stackName } from '../deployment/stack.ts';
import type { DoctorPorts } from './ports.ts';

export interface AwsClients {
  cloudFormation: CloudFormationClient;
  lambda: LambdaClient;
  ses: SESClient;
  sesv2: SESv2Client;
  sns: SNSClient;
  ssm: SSMClient;
}

/** The questions of the doctor, put to AWS and to public DNS. */
export function createAwsPorts(
  { cloudFormation, lambda, ses, sesv2, sns, ssm }: AwsClients,
  resolver: Pick<Resolver, 'resolve4' | 'resolveMx' | 'resolveTxt'> = new Resolver({ timeout: 5_000, tries: 2 }),
): DoctorPorts {
  return {
    bootstrapVersion: async () => {
      try {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }));
        return Number(Parameter?.Value);
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    stack: () => describeStack(cloudFormation),
    concurrentExecutions: async () => {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
      return AccountLimit?.ConcurrentExecutions ?? 0;
    },
    mailIdentity: async (domain) => {
      const Identities = [domain];
      const [verification, dkim, mailFrom] = await Promise.all([
        ses.send(new GetIdentityVerificationAttributesCommand({ Identities })),
        ses.send(new GetIdentityDkimAttributesCommand({ Identities })),
        ses.send(new GetIdentityMailFromDomainAttributesCommand({ Identities })),
      ]);
      const verified = verification.VerificationAttributes?.[domain];
      if (verified === undefined) return undefined;
      const { DkimTokens = [], DkimVerificationStatus = 'NotStarted' } = dkim.DkimAttributes?.[domain] ?? {};
      return {
        verified: verified.VerificationStatus === 'Success',
        dkim: DkimVerificationStatus,
        dkimTokens: DkimTokens,
        mailFrom: mailFrom.MailFromDomainAttributes?.[domain]?.MailFromDomainStatus,
      };
    },
    sending: async () => {
      const { ProductionAccessEnabled, SendingEnabled } = await sesv2.send(new GetAccountCommand({}));
      return { inSandbox: ProductionAccessEnabled !== true, enabled: SendingEnabled === true };
    },
    activeReceiptRules: async () => {
      const { Rules = [] } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
      return Rules.map(({ Enabled, Name, Recipients }) => ({
        name: Name ?? '',
        enabled: Enabled === true,
        recipients: Recipients ?? [],
      }));
    },
    parameters: () => readParameters(ssm, `/throughline/${stackName}/`),
    subscriptions: async () => {
      const resources = await listStackResources(cloudFormation);
      const found: { endpoint: string; confirmed: boolean }[] = [];
      for (const { physicalId: TopicArn } of resources.filter(({ type }) => type === 'AWS::SNS::Topic')) {
        for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn })) {
          for (const { Endpoint = '', SubscriptionArn = '' } of Subscriptions) {
            found.push({ endpoint: Endpoint, confirmed: SubscriptionArn.startsWith('arn:') });
          }
        }
      }
      return found;
    },
    dns: {
      addresses: (name) => orNone(resolver.resolve4(name)),
      mailExchangers: async (name) =>
        (await orNone(resolver.resolveMx(name))).map(({ exchange }) => exchange.toLowerCase()),
      texts: async (name) => (await orNone(resolver.resolveTxt(name))).map((parts) => parts.join('')),
    },
    get: async (url) => {
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
      return { status: response.status, body: await response.text() };
    },
  };
}

/** A name that does not exist, or has no such record, is an answer; a resolver that does not answer is none. */
async function orNone<T>(records: Promise<T[]>): Promise<T[]> {
  try {
    return await records;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA'))
      return [];
    throw error;
  }
}
