import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProvisionedKeys, provision } from '../../infra/provision.ts';
import { createParameterStore } from '../../local/aws/createParameterStore.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { parseSettings } from '../../shared/source/settings.ts';

const prefix = '/throughline/Throughline/';
let directory: string;
let server: Server;
let client: SSMClient;
let endpoint: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-provision-'));
  const store = createParameterStore({ file: join(directory, 'parameters.json'), now: () => 1_700_000_000_000 });
  server = createServer(async (request, response) => {
    const headers = { 'x-amz-target': String(request.headers['x-amz-target']) };
    const answer = await store.handle({ method: 'POST', path: '/', headers, body: await buffer(request) });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  client = new SSMClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(directory, { recursive: true, force: true });
});

describe('provision', () => {
  it('creates the whole set that the functions read at their start', async () => {
    await provision({ client, prefix });
    const parameters = await readParameters(client, prefix);
    expect([...parameters.keys()].sort()).toEqual([
      'defaults',
      'pepper',
      'sources/agent-console',
      'sources/call-center',
      'sources/phone-line',
      'sources/practice-server',
      'sources/website',
      'token-keys',
    ]);
    const { defaults, pepper, sources, tokenKeys } = parseSettings(parameters);
    expect(defaults).toEqual({ country: 'DE', language: 'de' });
    expect(pepper).toHaveLength(32);
    expect(tokenKeys).toHaveLength(1);
    expect(sources.map(({ kind, name, scopes }) => ({ kind, name, scopes }))).toEqual([
      {
        kind: 'agent',
        name: 'agent-console',
        scopes: ['customers:read', 'customers:write', 'conversations:read', 'conversations:write', 'lookup:read'],
      },
      { kind: 'lookup', name: 'call-center', scopes: ['lookup:read'] },
      { kind: 'twilio', name: 'phone-line', scopes: [] },
      { kind: 'server', name: 'practice-server', scopes: ['events:write'] },
      { kind: 'browser', name: 'website', scopes: ['events:write', 'widget:converse'] },
    ]);
  });

  it('hands out keys that say what they are for and are kept as hashes only', async () => {
    const keys = await provision({ client, prefix });
    expect(keys).toEqual({
      browserWriteKey: expect.stringMatching(/^tl_browser_[\w-]{32}$/),
      serverWriteKey: expect.stringMatching(/^tl_server_[\w-]{32}$/),
      agentApiKey: expect.stringMatching(/^tl_agent_[\w-]{32}$/),
      lookupKey: expect.stringMatching(/^tl_lookup_[\w-]{32}$/),
      identitySecret: expect.stringMatching(/^[\w-]{43}$/),
      twilioAuthToken: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const stored = await readParameters(client, prefix);
    const everything = [...stored.values()].join('\n');
    for (const key of [keys.browserWriteKey, keys.serverWriteKey, keys.agentApiKey, keys.lookupKey]) {
      expect(everything).not.toContain(key);
      expect(everything).toContain(createHash('sha256').update(String(key)).digest('hex'));
    }
    expect(JSON.parse(stored.get('sources/website') ?? '').identitySecret).toBe(keys.identitySecret);
    expect(JSON.parse(stored.get('sources/phone-line') ?? '')).toMatchObject({
      authToken: keys.twilioAuthToken,
      forwardTo: '+493023125001',
    });
  });

  it('keeps every value encrypted', async () => {
    await provision({ client, prefix });
    const { Parameters = [] } = await client.send(
      new GetParametersByPathCommand({ Path: prefix, Recursive: true, WithDecryption: false }),
    );
    expect(Parameters.map(({ Type }) => Type)).toEqual(Array(8).fill('SecureString'));
  });

  it('changes nothing that exists and hands out nothing the second time', async () => {
    await provision({ client, prefix });
    const before = await readParameters(client, prefix);
    expect(await provision({ client, prefix })).toEqual({});
    expect(await readParameters(client, prefix)).toEqual(before);
  });

  it('fills gaps and hands out what it filled alone', async () => {
    const website = new PutParameterCommand({ Name: `${prefix}sources/website`, Value: '{}', Type: 'SecureString' });
    await client.send(website);
    const keys = await provision({ client, prefix });
    expect(Object.keys(keys).sort()).toEqual(['agentApiKey', 'lookupKey', 'serverWriteKey', 'twilioAuthToken']);
    expect((await readParameters(client, prefix)).get('sources/website')).toBe('{}');
  });

  it('fails when the parameter store cannot be reached, so that nobody believes in keys that are not stored', async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await expect(provision({ client, prefix })).rejects.toThrow();
  });
});

describe('node infra/provision.ts', () => {
  it('prints one line of JSON with the keys it created', async () => {
    const { exitCode, stdout } = await runCli(['--prefix', prefix, '--json']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const keys: ProvisionedKeys = JSON.parse(stdout);
    expect(keys.agentApiKey).toMatch(/^tl_agent_/);
    expect(await runCli(['--prefix', prefix, '--json'])).toMatchObject({ exitCode: 0, stdout: '{}\n' });
  });

  it.each([
    [
      'a prefix without its slashes',
      ['--prefix', 'throughline'],
      '--prefix throughline must begin and end with a slash',
    ],
    ['a misspelt option', ['--prefiks', prefix], "Unknown option '--prefiks'"],
  ])('refuses %s', async (_, args, message) => {
    const { exitCode, stderr } = await runCli(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});

async function runCli(args: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../infra/provision.ts'), ...args], {
    env: {
      AWS_ENDPOINT_URL_SSM: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
  });
  const exit = new Promise<number | null>((exited) => child.once('exit', exited));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}
