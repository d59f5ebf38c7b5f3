import { readFileSync } from 'node:fs';
import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeActiveReceiptRuleSetCommand,
  GetIdentityDkimAttributesCommand,
  GetIdentityMailFromDomainAttributesCommand,
  GetIdentityVerificationAttributesCommand,
  SESClient,
} from '@aws-sdk/client-ses';
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, GetParametersByPathCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../operations/deployment/settings.ts';
import { createAwsPorts } from '../../operations/doctor/awsPorts.ts';
import { checks } from '../../operations/doctor/checks.ts';
import type { DoctorPorts, MailIdentity } from '../../operations/doctor/ports.ts';
import { report, runChecks } from '../../operations/doctor/runChecks.ts';

const example = readFileSync('docs/deployment.example.json', 'utf8');
const settings = parseSettings(example, 'deployment.json');
const address = 'https://abc.execute-api.eu-central-1.amazonaws.com';
const hash = 'a'.repeat(64);
const agent = { kind: 'agent', name: 'agent-console', keyHashes: [hash], scopes: ['customers:read'] };
const line = { kind: 'twilio', name: 'phone-line', authToken: 'token', forwardTo: '+493023125001' };
const parameters = new Map([
  ['pepper', Buffer.alloc(32, 1).toString('base64')],
  ['token-keys', JSON.stringify([{ kid: 'a', secret: 's'.repeat(32) }])],
  ['sources/agent-console', JSON.stringify(agent)],
  ['sources/phone-line', JSON.stringify(line)],
]);
const identity: MailIdentity = { verified: true, dkim: 'Success', dkimTokens: ['t1'], mailFrom: 'Success' };
const texts: Record<string, string[]> = {
  'bounce.lindenhof.example': ['v=spf1 include:amazonses.com ~all'],
  '_dmarc.lindenhof.example': ['v=DMARC1; p=none'],
};
const sound: DoctorPorts = {
  bootstrapVersion: async () => 28,
  stack: async () => ({ status: 'UPDATE_COMPLETE', outputs: { PublicAddress: address }, parameters: {} }),
  concurrentExecutions: async () => 1000,
  mailIdentity: async () => identity,
  sending: async () => ({ inSandbox: false, enabled: true }),
  activeReceiptRules: async () => [
    { name: 'throughline-17', enabled: true, recipients: ['inbound.lindenhof.example'] },
  ],
  parameters: async () => parameters,
  subscriptions: async () => [{ endpoint: 'it@lindenhof.example', confirmed: true }],
  dns: {
    addresses: async () => ['192.0.2.1'],
    mailExchangers: async () => ['inbound-smtp.eu-central-1.amazonaws.com'],
    texts: async (name) => texts[name] ?? [],
  },
  get: async () => ({ status: 200, body: '{"status":"ok"}' }),
};

const without = (name: string) => new Map([...parameters].filter(([key]) => key !== name));

describe('the doctor', () => {
  it('finds a sound deployment green, all of it', async () => {
    const results = await runChecks(checks, sound, settings);
    expect(results.filter(({ verdict }) => verdict !== 'green')).toEqual([]);
    expect(results).toHaveLength(17);
    expect(report(results).at(-1)).toBe('17 green, 0 red');
  });

  const reds: [string, string, Partial<DoctorPorts>, RegExp][] = [
    ['CDK bootstrap', 'no bootstrap', { bootstrapVersion: async () => undefined }, /cdk bootstrap/],
    [
      'region receives mail',
      'no endpoint for mail in the region',
      { dns: { ...sound.dns, addresses: async () => [] } },
      /Choose a region/,
    ],
    ['Lambda concurrency', 'the limit of a new account', { concurrentExecutions: async () => 10 }, /Service Quotas/],
    ['stack deployed', 'no stack', { stack: async () => undefined }, /npm run deploy/],
    [
      'stack deployed',
      'a stack that was rolled back',
      { stack: async () => ({ status: 'ROLLBACK_COMPLETE', outputs: {}, parameters: {} }) },
      /events/,
    ],
    ['secrets present', 'no pepper', { parameters: async () => without('pepper') }, /creates what is missing/],
    [
      'agents have a key',
      'no source of agents',
      { parameters: async () => without('sources/agent-console') },
      /key once/,
    ],
    ['telephone line', 'no token', { parameters: async () => without('sources/phone-line') }, /rotate -- twilio/],
    [
      'telephone line',
      'another desk',
      {
        parameters: async () =>
          new Map([...parameters, ['sources/phone-line', JSON.stringify({ ...line, forwardTo: '+493099999999' })]]),
      },
      /takes the settings over/,
    ],
    ['sender verified', 'SES not knowing the domain', { mailIdentity: async () => undefined }, /npm run deploy/],
    [
      'sender verified',
      'an open verification',
      { mailIdentity: async () => ({ ...identity, verified: false }) },
      /DNS/,
    ],
    ['DKIM', 'missing CNAMEs', { mailIdentity: async () => ({ ...identity, dkim: 'Pending' }) }, /DNS/],
    ['MAIL FROM and SPF', 'a missing MX', { mailIdentity: async () => ({ ...identity, mailFrom: 'Failed' }) }, /DNS/],
    [
      'MAIL FROM and SPF',
      'an SPF record without SES',
      { dns: { ...sound.dns, texts: async () => ['v=spf1 include:example.com -all'] } },
      /DNS/,
    ],
    [
      'receiving domain verified',
      'an open verification',
      { mailIdentity: async () => ({ ...identity, verified: false }) },
      /DNS/,
    ],
    ['MX', 'another mail server', { dns: { ...sound.dns, mailExchangers: async () => ['mx.example.com'] } }, /DNS/],
    ['DMARC', 'no policy', { dns: { ...sound.dns, texts: async () => ['v=spf1 -all'] } }, /DNS/],
    ['receipt rule active', 'no active rules', { activeReceiptRules: async () => [] }, /rule set/],
    [
      'receipt rule active',
      'the rules of others alone',
      { activeReceiptRules: async () => [{ name: 'x', enabled: true, recipients: ['inbound.lindenhof.example'] }] },
      /rule set/,
    ],
    [
      'SES sandbox left',
      'the sandbox',
      { sending: async () => ({ inSandbox: true, enabled: true }) },
      /production access/,
    ],
    [
      'SES sandbox left',
      'a stopped account',
      { sending: async () => ({ inSandbox: false, enabled: false }) },
      /support/,
    ],
    [
      'public address',
      'an API that does not answer',
      { get: async () => ({ status: 503, body: '' }) },
      /Point the domain/,
    ],
    ['alarms reach somebody', 'nobody subscribed', { subscriptions: async () => [] }, /npm run deploy/],
    [
      'alarms reach somebody',
      'an unconfirmed address',
      { subscriptions: async () => [{ endpoint: 'it@lindenhof.example', confirmed: false }] },
      /Subscription Confirmation/,
    ],
  ];
  it.each(reds)('%s is red for %s, and says the way out', async (name, _, ports, fix) => {
    const results = await runChecks(checks, { ...sound, ...ports }, settings);
    const result = results.find((one) => one.name === name);
    expect(result).toMatchObject({ verdict: 'red', fix: expect.stringMatching(fix) });
    expect(report(results).join('\n')).toContain(`red    ${name}`);
  });

  it('has each of its checks seen red here', () => {
    expect(new Set(reds.map(([name]) => name))).toEqual(new Set(checks.map(({ name }) => name)));
  });

  it('says that the stack’s public address is not the one of the settings', async () => {
    const other = { ...settings, publicUrl: 'https://api.lindenhof.example' };
    const results = await runChecks(checks, sound, other);
    expect(results.find(({ name }) => name === 'public address')).toMatchObject({ verdict: 'red' });
  });

  it('wants no telephone where none is set up', async () => {
    const { telephone: _, ...rest } = settings;
    const results = await runChecks(checks, { ...sound, parameters: async () => without('sources/phone-line') }, rest);
    expect(results.find(({ name }) => name === 'telephone line')).toMatchObject({ verdict: 'green' });
  });

  it('takes the policy of the domain above for a subdomain without its own', async () => {
    const sub = { ...settings, senderAddress: 'praxis@mail.lindenhof.example' };
    const results = await runChecks(checks, sound, sub);
    expect(results.find(({ name }) => name === 'DMARC')).toMatchObject({ verdict: 'green' });
  });

  it('calls red what it could not ask', async () => {
    const ports = { ...sound, sending: () => Promise.reject(new Error('no credentials')) };
    const results = await runChecks(checks, ports, settings);
    expect(results.find(({ name }) => name === 'SES sandbox left')).toMatchObject({
      verdict: 'red',
      says: 'could not be asked: Error: no credentials',
    });
  });
});

describe('what the doctor asks AWS', () => {
  const region = 'eu-central-1';
  const [cloudFormation, lambda, ses] = [
    new CloudFormationClient({ region }),
    new LambdaClient({ region }),
    new SESClient({ region }),
  ];
  const [sesv2, sns, ssm] = [new SESv2Client({ region }), new SNSClient({ region }), new SSMClient({ region })];
  const notFound = Object.assign(new Error('queryMx ENOTFOUND'), { code: 'ENOTFOUND' });
  const ports = createAwsPorts(
    { cloudFormation, lambda, ses, sesv2, sns, ssm },
    {
      resolve4: (async () => ['192.0.2.1']) as never,
      resolveMx: () => Promise.reject(notFound),
      resolveTxt: async () => [['v=spf1 include:', 'amazonses.com ~all']],
    },
  );

  it('is answered: the stack, its topics’ subscriptions, the account’s limits', async () => {
    mockClient(cloudFormation)
      .on(DescribeStacksCommand)
      .resolves({
        Stacks: [
          {
            StackName: 'Throughline',
            CreationTime: new Date(0),
            StackStatus: 'CREATE_COMPLETE',
            Outputs: [{ OutputKey: 'PublicAddress', OutputValue: address }],
          },
        ],
      })
      .on(ListStackResourcesCommand)
      .resolves({
        StackResourceSummaries: [
          {
            LogicalResourceId: 'Topic',
            PhysicalResourceId: 'arn:topic',
            ResourceType: 'AWS::SNS::Topic',
            LastUpdatedTimestamp: new Date(0),
            ResourceStatus: 'CREATE_COMPLETE',
          },
        ],
      });
    mockClient(sns)
      .on(ListSubscriptionsByTopicCommand, { TopicArn: 'arn:topic' })
      .resolves({
        Subscriptions: [
          { Endpoint: 'it@lindenhof.example', SubscriptionArn: 'PendingConfirmation' },
          { Endpoint: 'boss@lindenhof.example', SubscriptionArn: 'arn:aws:sns:eu-central-1:1:t:1' },
        ],
      });
    mockClient(lambda)
      .on(GetAccountSettingsCommand)
      .resolves({ AccountLimit: { ConcurrentExecutions: 10 } });
    mockClient(sesv2).on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    expect(await ports.stack()).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { PublicAddress: address } });
    expect(await ports.subscriptions()).toEqual([
      { endpoint: 'it@lindenhof.example', confirmed: false },
      { endpoint: 'boss@lindenhof.example', confirmed: true },
    ]);
    expect(await ports.concurrentExecutions()).toBe(10);
    expect(await ports.sending()).toEqual({ inSandbox: true, enabled: true });
  });

  it('is answered: no stack', async () => {
    const gone = new Error('Stack with id Throughline does not exist');
    mockClient(cloudFormation).on(DescribeStacksCommand).rejects(gone);
    expect(await ports.stack()).toBeUndefined();
    mockClient(cloudFormation).on(DescribeStacksCommand).rejects(new Error('AccessDenied'));
    await expect(ports.stack()).rejects.toThrow('AccessDenied');
  });

  it('is answered: identities, receipt rules, parameters, names', async () => {
    const domain = 'lindenhof.example';
    const VerificationToken = 'x';
    mockClient(ses)
      .on(GetIdentityVerificationAttributesCommand)
      .callsFake(({ Identities: [name] }) => ({
        VerificationAttributes: name === domain ? { [name]: { VerificationStatus: 'Success', VerificationToken } } : {},
      }))
      .on(GetIdentityDkimAttributesCommand)
      .resolves({
        DkimAttributes: { [domain]: { DkimEnabled: true, DkimVerificationStatus: 'Pending', DkimTokens: ['t1'] } },
      })
      .on(GetIdentityMailFromDomainAttributesCommand)
      .resolves({
        MailFromDomainAttributes: {
          [domain]: { MailFromDomain: 'b', MailFromDomainStatus: 'Failed', BehaviorOnMXFailure: 'UseDefaultValue' },
        },
      })
      .on(DescribeActiveReceiptRuleSetCommand)
      .resolves({ Rules: [{ Name: 'r', Enabled: true, Recipients: ['a.example'] }] });
    expect(await ports.mailIdentity(domain)).toEqual({
      verified: true,
      dkim: 'Pending',
      dkimTokens: ['t1'],
      mailFrom: 'Failed',
    });
    expect(await ports.mailIdentity('other.example')).toBeUndefined();
    expect(await ports.activeReceiptRules()).toEqual([{ name: 'r', enabled: true, recipients: ['a.example'] }]);
    mockClient(ssm)
      .on(GetParameterCommand)
      .rejects(new ParameterNotFound({ message: '', $metadata: {} }))
      .on(GetParametersByPathCommand, { Path: '/throughline/Throughline/', WithDecryption: true })
      .resolves({ Parameters: [{ Name: '/throughline/Throughline/pepper', Value: 'p' }] });
    expect(await ports.bootstrapVersion()).toBeUndefined();
    expect([...(await ports.parameters())]).toEqual([['pepper', 'p']]);
    expect(await ports.dns.mailExchangers('nowhere.example')).toEqual([]);
    expect(await ports.dns.texts(domain)).toEqual(['v=spf1 include:amazonses.com ~all']);
    notFound.code = 'ETIMEOUT';
    await expect(ports.dns.mailExchangers(domain)).rejects.toThrow();
  });
});
