import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ParameterAlreadyExists, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import {
  defaultsSchema,
  type Scope,
  type SourceKind,
  sourceSchema,
  tokenKeysSchema,
} from '../shared/contracts/source.ts';

/** Plaintext that exists nowhere else; only what this run has created. */
export interface ProvisionedKeys {
  browserWriteKey?: string;
  serverWriteKey?: string;
  identitySecret?: string;
  agentApiKey?: string;
  lookupKey?: string;
  twilioAuthToken?: string;
}

export interface ProvisionOptions {
  client: SSMClient;
  /** Where the parameters lie, with a slash at both ends. */
  prefix: string;
  /** The key that encrypts them, by id, ARN or alias; the account's own key for parameters by default. */
  keyId?: string;
  /** Whose deployment it is; without it, the example practice with a telephone line. */
  company?: Company;
}

const companySchema = z.strictObject({ defaults: defaultsSchema });
/** What a company says of itself. Its telephone line is made when its token is known, by `npm run rotate`. */
export type Company = z.infer<typeof companySchema>;

/**
 * Creates the parameters that the functions read at their start, each only where it is missing: nothing is ever replaced.
 * Of access keys the parameter keeps the SHA-256 alone.
 */
export async function provision({ client, company, keyId, prefix }: ProvisionOptions): Promise<ProvisionedKeys> {
  const created: ProvisionedKeys = {};
  for (const { name, value, plaintext } of newParameters(company)) {
    if (await putIfMissing(client, `${prefix}${name}`, value, keyId)) Object.assign(created, plaintext);
  }
  return created;
}

interface NewParameter {
  name: string;
  value: string;
  plaintext: ProvisionedKeys;
}

/** The first sources, with fresh keys. */
function newParameters(company?: Company): NewParameter[] {
  const browserWriteKey = newKey('browser');
  const serverWriteKey = newKey('server');
  const agentApiKey = newKey('agent');
  const lookupKey = newKey('lookup');
  const identitySecret = randomBytes(32).toString('base64url');
  const tokenKeys = [{ kid: randomBytes(4).toString('hex'), secret: randomBytes(32).toString('base64url') }];
  return [
    { name: 'pepper', value: randomBytes(32).toString('base64'), plaintext: {} },
    { name: 'token-keys', value: JSON.stringify(tokenKeysSchema.parse(tokenKeys)), plaintext: {} },
    {
      ...source('browser', 'website', browserWriteKey, ['events:write', 'widget:converse'], { identitySecret }),
      plaintext: { browserWriteKey, identitySecret },
    },
    { ...source('server', 'practice-server', serverWriteKey, ['events:write']), plaintext: { serverWriteKey } },
    {
      ...source('agent', 'agent-console', agentApiKey, [
        'customers:read',
        'customers:write',
        'conversations:read',
        'conversations:write',
        'lookup:read',
      ]),
      plaintext: { agentApiKey },
    },
    { ...source('lookup', 'call-center', lookupKey, ['lookup:read']), plaintext: { lookupKey } },
    ...(company === undefined ? [examplePhoneLine()] : []),
    { name: 'defaults', value: JSON.stringify(company?.defaults ?? defaultsSchema.parse({})), plaintext: {} },
  ];
}

function newKey(kind: SourceKind): string {
  return `tl_${kind}_${randomBytes(24).toString('base64url')}`;
}

function source(kind: SourceKind, name: string, key: string, scopes: Scope[], more: { identitySecret?: string } = {}) {
  const keyHashes = [createHash('sha256').update(key).digest('hex')];
  return {
    name: `sources/${name}`,
    value: JSON.stringify(sourceSchema.parse({ kind, name, keyHashes, scopes, ...more })),
  };
}

/** With a token that no account has: it calls nobody. */
function examplePhoneLine(): NewParameter {
  const twilioAuthToken = randomBytes(16).toString('hex');
  const line = { name: 'phone-line', authToken: twilioAuthToken, forwardTo: '+493023125001', language: 'de' };
  const value = JSON.stringify(sourceSchema.parse({ kind: 'twilio', ...line }));
  return { name: 'sources/phone-line', value, plaintext: { twilioAuthToken } };
}

/** True where this call created the parameter. */
async function putIfMissing(client: SSMClient, name: string, value: string, keyId?: string): Promise<boolean> {
  const encryption = keyId === undefined ? {} : { KeyId: keyId };
  try {
    await client.send(
      new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: false, ...encryption }),
    );
    return true;
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return false;
    throw error;
  }
}

async function main(): Promise<string> {
  const { values } = parseArgs({
    options: {
      prefix: { type: 'string', default: '/throughline/Throughline/' },
      'key-id': { type: 'string' },
      company: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { prefix, 'key-id': keyId, json } = values;
  if (!/^\/(?:[\w.-]+\/)+$/.test(prefix)) throw new Error(`--prefix ${prefix} must begin and end with a slash.`);
  const created = await provision({
    client: new SSMClient({}),
    prefix,
    ...(keyId === undefined ? {} : { keyId }),
    ...(values.company === undefined ? {} : { company: companySchema.parse(JSON.parse(values.company)) }),
  });
  if (json) return JSON.stringify(created);
  const keys = Object.entries(created).map(([name, value]) => `${name.padEnd(16)} ${value}`);
  return keys.length === 0 ? 'Every parameter exists already.' : ['Shown once, kept nowhere:', ...keys].join('\n');
}

if (import.meta.main) process.stdout.write(`${await main()}\n`);
