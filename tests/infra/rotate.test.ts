import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provision } from '../../infra/provision.ts';
import { createParameterStore } from '../../local/aws/createParameterStore.ts';
import { type Front, startFront } from '../../local/aws/startFront.ts';
import { restartFunctions } from '../../operations/rotation/restartFunctions.ts';
import {
  addSourceKey,
  dropTokenKey,
  finishSourceKeys,
  type RotationPorts,
  rotateTokenKeys,
  setTwilioToken,
} from '../../operations/rotation/rotate.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { parseSettings, type Settings } from '../../shared/source/settings.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { createReplyTokens } from '../../shared/token/replyToken.ts';

const prefix = '/throughline/Throughline/';
const keyArn = 'arn:aws:kms:eu-central-1:000000000000:key/1';
let directory: string;
let front: Front;
let ssm: SSMClient;
let ports: RotationPorts;
/** What functions read at each restart. */
let read: Settings[];
let puts: { KeyId?: string; Type?: string }[];

const current = async () => parseSettings(await readParameters(ssm, prefix));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-rotate-'));
  front = await startFront(() => undefined);
  const store = createParameterStore({ file: join(directory, 'parameters.json'), now: () => 1_700_000_000_000 });
  puts = [];
  front.register('ssm', (request) => {
    if (request.headers['x-amz-target']?.endsWith('PutParameter')) puts.push(JSON.parse(request.body.toString()));
    return store.handle(request);
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  ssm = new SSMClient({ endpoint: front.endpoint('ssm'), region: 'eu-central-1', credentials });
  read = [];
  const restart = async () => {
    read.push(await current());
  };
  ports = { ssm, prefix, keyArn, restart };
});
afterEach(async () => {
  ssm.destroy();
  await front.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('a rotation of the token keys', () => {
  it('lets the new key verify everywhere before it signs anywhere, and the former one go on verifying', async () => {
    await provision({ client: ssm, prefix });
    const before = createReplyTokens((await current()).tokenKeys).issue('send-1').token;
    await rotateTokenKeys(ports);
    const [verifying, signing] = read.map(({ tokenKeys }) => createReplyTokens(tokenKeys));
    expect(read).toHaveLength(2);
    expect(verifying?.issue('send-1').token).toBe(before);
    const after = signing?.issue('send-1').token ?? '';
    expect(after).not.toBe(before);
    expect(verifying?.verify(after)).toBeDefined();
    expect(signing?.verify(before)).toBeDefined();
  });

  it('changes nothing else, and keeps the parameter under the stack’s key', async () => {
    await provision({ client: ssm, prefix });
    const { tokenKeys: _, ...before } = await current();
    puts = [];
    await rotateTokenKeys(ports);
    const { tokenKeys, ...after } = await current();
    expect(tokenKeys).toHaveLength(2);
    expect(after).toEqual(before);
    expect(puts).toMatchObject(Array(2).fill({ KeyId: keyArn, Type: 'SecureString', Overwrite: true }));
  });

  it('makes a former key void on request, never the one that signs', async () => {
    await provision({ client: ssm, prefix });
    const [former] = (await current()).tokenKeys;
    const token = createReplyTokens((await current()).tokenKeys).issue('send-1').token;
    await expect(dropTokenKey(ports, former?.kid ?? '')).rejects.toThrow('signs');
    await rotateTokenKeys(ports);
    await expect(dropTokenKey(ports, 'unknown')).rejects.toThrow('There is no key unknown');
    await dropTokenKey(ports, former?.kid ?? '');
    expect(createReplyTokens((await current()).tokenKeys).verify(token)).toBeUndefined();
  });
});

describe('a rotation of a source’s key', () => {
  it('lets both be used until the former ones are made void', async () => {
    const { agentApiKey } = await provision({ client: ssm, prefix });
    const added = await addSourceKey(ports, 'agent-console');
    expect(added).toMatch(/^tl_agent_[\w-]{32}$/);
    const both = createSourceRegistry((await current()).sources);
    for (const key of [agentApiKey, added]) expect(both.authenticate(key, 'customers:read').name).toBe('agent-console');
    await finishSourceKeys(ports, 'agent-console');
    const one = createSourceRegistry((await current()).sources);
    expect(one.authenticate(added, 'customers:read').name).toBe('agent-console');
    expect(() => one.authenticate(agentApiKey, 'customers:read')).toThrow();
    expect(read).toHaveLength(2);
  });

  it('keeps of the new key its hash alone', async () => {
    await provision({ client: ssm, prefix });
    const added = await addSourceKey(ports, 'website');
    const stored = (await readParameters(ssm, prefix)).get('sources/website') ?? '';
    expect(stored).not.toContain(added);
    expect(stored).toContain(createHash('sha256').update(added).digest('hex'));
  });
});

describe('Twilio’s token', () => {
  it('makes the line of a company’s deployment, which has none until then, and is replaced later', async () => {
    await provision({ client: ssm, prefix, company: { defaults: { country: 'AT', language: 'de' } } });
    expect((await current()).sources.filter(({ kind }) => kind === 'twilio')).toEqual([]);
    expect((await current()).defaults.country).toBe('AT');
    await setTwilioToken(ports, 'first', { forwardTo: '+493023125001', language: 'de' });
    await setTwilioToken(ports, 'second', { forwardTo: '+493023125002', language: 'de' });
    expect((await current()).sources.filter(({ kind }) => kind === 'twilio')).toMatchObject([
      { name: 'phone-line', authToken: 'second', forwardTo: '+493023125002' },
    ]);
    await expect(setTwilioToken(ports, '', {})).rejects.toThrow();
    await expect(addSourceKey(ports, 'phone-line')).rejects.toThrow('Twilio makes its token');
  });
});

it('restarts the functions that read parameters, keeps what else they are told, and waits for it', async () => {
  const cloudFormation = new CloudFormationClient({ region: 'eu-central-1' });
  const lambda = new LambdaClient({ region: 'eu-central-1' });
  const common = {
    LastUpdatedTimestamp: new Date(0),
    ResourceStatus: 'CREATE_COMPLETE' as const,
    LogicalResourceId: 'x',
  };
  mockClient(cloudFormation)
    .on(ListStackResourcesCommand)
    .resolves({
      StackResourceSummaries: [
        { ...common, ResourceType: 'AWS::Lambda::Function', PhysicalResourceId: 'reads' },
        { ...common, ResourceType: 'AWS::Lambda::Function', PhysicalResourceId: 'reads-none' },
        { ...common, ResourceType: 'AWS::SQS::Queue', PhysicalResourceId: 'queue' },
      ],
    });
  const functions = mockClient(lambda)
    .on(GetFunctionConfigurationCommand, { FunctionName: 'reads' })
    .resolves({ Environment: { Variables: { PARAMETER_PREFIX: prefix, TABLE_NAME: 'table' } } })
    .on(GetFunctionConfigurationCommand, { FunctionName: 'reads-none' })
    .resolves({ Environment: { Variables: {} } })
    .on(GetFunctionCommand)
    .resolves({ Configuration: { LastUpdateStatus: 'Successful' } });
  expect(await restartFunctions({ cloudFormation, lambda }, '2026-11-25T10:00:00Z')).toEqual(['reads']);
  expect(functions.commandCalls(UpdateFunctionConfigurationCommand).map(({ args: [{ input }] }) => input)).toEqual([
    {
      FunctionName: 'reads',
      Environment: {
        Variables: { PARAMETER_PREFIX: prefix, TABLE_NAME: 'table', PARAMETERS_CHANGED_AT: '2026-11-25T10:00:00Z' },
      },
    },
  ]);
  expect(functions.commandCalls(GetFunctionCommand)).toHaveLength(1);
});
