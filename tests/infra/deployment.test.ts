import { readFileSync } from 'node:fs';
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { adoptParameters } from '../../operations/deployment/adoptParameters.ts';
import { type DeployPorts, deploy } from '../../operations/deployment/deploy.ts';
import { dnsRecords } from '../../operations/deployment/dnsRecords.ts';
import { parseSettings, readSettings, stackParameters } from '../../operations/deployment/settings.ts';
import type { DeployedStack } from '../../operations/deployment/stack.ts';
import { whatRemains } from '../../operations/deployment/whatRemains.ts';

const example = JSON.parse(readFileSync('docs/deployment.example.json', 'utf8')) as Record<string, unknown>;
const parse = (more: Record<string, unknown>) =>
  parseSettings(JSON.stringify({ ...example, ...more }), 'deployment.json');

describe('the settings file', () => {
  it('has an example that is usable', () => {
    expect(stackParameters(parse({}))).toEqual({
      AlarmAddress: 'it@lindenhof.example',
      CompanyName: 'Tierarztpraxis Lindenhof',
      CompanyTimeZone: 'Europe/Berlin',
      HostedZoneId: '',
      MailDomain: 'inbound.lindenhof.example',
      PublicUrl: '',
      SenderAddress: 'praxis@lindenhof.example',
      Tracing: 'PassThrough',
    });
    expect(stackParameters(parse({ tracing: true })).Tracing).toBe('Active');
  });

  it.each([
    ['an unknown setting', { connectInstance: 'x' }, 'file: Unrecognized key: "connectInstance"'],
    ['a region that is none', { region: 'Frankfurt' }, 'region: expected a region such as eu-central-1'],
    ['a time zone that is none', { companyTimeZone: 'Berlin' }, 'companyTimeZone: expected an IANA time zone'],
    ['an address with a path', { publicUrl: 'https://a.example/' }, 'publicUrl: expected https:// and a host'],
    ['the domain of bounces for mail', { mailDomain: 'bounce.lindenhof.example' }, 'mailDomain: bounces go there'],
    [
      'a domain outside of the hosted zone',
      { hostedZone: { id: 'Z1', name: 'example.com' } },
      'senderAddress: lies outside of the hosted zone example.com',
    ],
  ])('refuses %s, and says so', (_, more, message) => {
    expect(() => parse(more)).toThrow(message);
  });

  it('lists every fault at once, and says where an example stands when there is no file', () => {
    expect(() => parseSettings('{}', 'deployment.json')).toThrow(/region: .*\n.*mailDomain: .*\n.*senderAddress: /);
    expect(() => parseSettings('{', 'deployment.json')).toThrow('deployment.json is no JSON');
    expect(() => readSettings('/nowhere/deployment.json')).toThrow('docs/deployment.example.json');
  });
});

describe('a deployment', () => {
  const stack: DeployedStack = { status: 'CREATE_COMPLETE', outputs: { EncryptionKeyArn: 'key-1' }, parameters: {} };
  let calls: string[];
  let printed: string[];
  let existing: DeployedStack | undefined;
  const ports: DeployPorts = {
    stack: async () => existing,
    templateParameters: async () => ['MailDomain', 'PublicUrl', 'BootstrapVersion'],
    cdk: async (args) => {
      calls.push(`cdk ${args.join(' ')}`);
      existing = stack;
    },
    adoptParameters: async (keyArn) => {
      calls.push(`adopt under ${keyArn}`);
      return [];
    },
    provision: async (keyArn) => {
      calls.push(`provision under ${keyArn}`);
      return { agentApiKey: 'tl_agent_x' };
    },
    dkimTokens: async (domain) => [`token-of-${domain}`],
    print: (line) => printed.push(line),
  };
  beforeEach(() => {
    calls = [];
    printed = [];
    existing = undefined;
  });
  const cdk = 'cdk deploy Throughline --parameters MailDomain=inbound.lindenhof.example --parameters PublicUrl=';

  it('makes the stack first the first time: its key encrypts the parameters', async () => {
    await deploy(ports, parse({}), { withoutAsking: false });
    expect(calls).toEqual([cdk, 'adopt under key-1', 'provision under key-1']);
  });

  it('makes missing parameters first later: new code may read them', async () => {
    existing = stack;
    await deploy(ports, parse({}), { withoutAsking: true });
    expect(calls).toEqual([
      'adopt under key-1',
      'provision under key-1',
      cdk.replace('Throughline', 'Throughline --require-approval never'),
    ]);
  });

  it('prints outputs, records and new keys', async () => {
    await deploy(ports, parse({}), { withoutAsking: false });
    const text = printed.join('\n');
    expect(text).toContain('EncryptionKeyArn     key-1');
    expect(text).toContain('agentApiKey        tl_agent_x');
    expect(text).toContain('token-of-lindenhof.example.dkim.amazonses.com');
  });

  it('leaves DMARC to a person, also with a hosted zone', async () => {
    await deploy(ports, parse({ hostedZone: { id: 'Z1', name: 'lindenhof.example' } }), { withoutAsking: false });
    const [made = '', toEnter = ''] = printed.join('\n').split('DNS records to enter:');
    expect(made).toContain('made in the hosted zone lindenhof.example');
    expect(made).toContain('inbound-smtp.eu-central-1.amazonaws.com');
    expect(toEnter).toContain('_dmarc.lindenhof.example');
    expect(toEnter).not.toContain('amazonaws.com');
  });
});

it('names every DNS record that mail needs, once where both domains are one', () => {
  const records = dnsRecords(parse({}), { sender: ['s'], receiver: ['r'] });
  expect(records.map(({ name, type, value }) => `${type} ${name} ${value}`)).toEqual([
    'CNAME s._domainkey.lindenhof.example s.dkim.amazonses.com',
    'CNAME r._domainkey.inbound.lindenhof.example r.dkim.amazonses.com',
    'MX bounce.lindenhof.example 10 feedback-smtp.eu-central-1.amazonses.com',
    'TXT bounce.lindenhof.example "v=spf1 include:amazonses.com ~all"',
    'MX inbound.lindenhof.example 10 inbound-smtp.eu-central-1.amazonaws.com',
    'TXT _dmarc.lindenhof.example "v=DMARC1; p=none; rua=mailto:it@lindenhof.example"',
  ]);
  expect(dnsRecords(parse({ mailDomain: 'lindenhof.example' }), { sender: ['s'], receiver: ['s'] })).toHaveLength(5);
});

it('takes over what an earlier stack left, under the new key and with the same values', async () => {
  const client = new SSMClient({ region: 'eu-central-1' });
  const mock = mockClient(client)
    .on(DescribeParametersCommand)
    .resolves({
      Parameters: [
        { Name: '/t/pepper', KeyId: 'old' },
        { Name: '/t/defaults', KeyId: 'new' },
      ],
    })
    .on(GetParameterCommand, { Name: '/t/pepper', WithDecryption: true })
    .resolves({ Parameter: { Value: 'p' } })
    .on(PutParameterCommand)
    .resolves({});
  expect(await adoptParameters(client, '/t/', 'new')).toEqual(['/t/pepper']);
  expect(mock.commandCalls(PutParameterCommand).map(({ args: [{ input }] }) => input)).toEqual([
    { Name: '/t/pepper', Value: 'p', Type: 'SecureString', KeyId: 'new', Overwrite: true },
  ]);
});

it('says after a deletion what remains, and deletes the key last', () => {
  const resource = (type: string, physicalId: string) => ({ logicalId: 'x', type, physicalId });
  const text = whatRemains(
    [
      resource('AWS::KMS::Key', 'key-1'),
      resource('AWS::DynamoDB::GlobalTable', 'table-1'),
      resource('AWS::S3::Bucket', 'bucket-1'),
      resource('AWS::Lambda::Function', 'function-1'),
    ],
    'eu-central-1',
  ).join('\n');
  const order = ['delete-table --table-name table-1', 's3 rb s3://bucket-1', 'ssm delete-parameters', '--key-id key-1'];
  const places = order.map((command) => text.indexOf(command));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(text).not.toContain('function-1');
});
