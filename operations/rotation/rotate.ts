import { createHash, randomBytes } from 'node:crypto';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type Source, sourceSchema, type TokenKeys, tokenKeysSchema } from '../../shared/contracts/source.ts';

export interface RotationPorts {
  ssm: SSMClient;
  /** Where the parameters lie, with a slash at both ends. */
  prefix: string;
  /** The stack's key: a parameter that is overwritten without it would change to the account's own. */
  keyArn: string;
  /** Has functions read their parameters again; resolves when none works with the former ones. */
  restart(): Promise<void>;
}

/** What a line is besides its token. */
export type PhoneLineSettings = Pick<Source, 'accountSid' | 'forwardTo' | 'language' | 'ownNumbers'>;

/**
 * A new key signs; those before go on verifying. It verifies everywhere before it signs anywhere: otherwise one function
 * would refuse what another has just signed.
 */
export async function rotateTokenKeys(ports: RotationPorts): Promise<string> {
  const keys = tokenKeysSchema.parse(await read(ports, 'token-keys'));
  const key = { kid: randomBytes(4).toString('hex'), secret: randomBytes(32).toString('base64url') };
  await write(ports, 'token-keys', [...keys, key]);
  await ports.restart();
  await write(ports, 'token-keys', [key, ...keys]);
  await ports.restart();
  return `${key.kid} signs; ${keys.map(({ kid }) => kid).join(', ')} verify.`;
}

/** What this key signed is void from now on: addresses for replies, links to unsubscribe and into chats, sessions. */
export async function dropTokenKey(ports: RotationPorts, kid: string): Promise<string> {
  const keys = tokenKeysSchema.parse(await read(ports, 'token-keys'));
  const [signing] = keys;
  if (signing?.kid === kid) throw new Error(`${kid} signs. Rotate first: then another one does.`);
  const kept: TokenKeys = keys.filter((key) => key.kid !== kid);
  if (kept.length === keys.length) throw new Error(`There is no key ${kid}: ${keys.map((key) => key.kid).join(', ')}.`);
  await write(ports, 'token-keys', kept);
  await ports.restart();
  return `${kid} is void; ${kept.map((key) => key.kid).join(', ')} remain.`;
}

/** A second key for a source beside those it has. It is returned and kept nowhere. */
export async function addSourceKey(ports: RotationPorts, name: string): Promise<string> {
  const source = sourceSchema.parse(await read(ports, `sources/${name}`));
  if (source.kind === 'twilio') throw new Error(`${name} has no key of ours: Twilio makes its token.`);
  const key = `tl_${source.kind}_${randomBytes(24).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  await write(ports, `sources/${name}`, { ...source, keyHashes: [hash, ...source.keyHashes] });
  await ports.restart();
  return key;
}

/** Only the youngest key of the source remains good. */
export async function finishSourceKeys(ports: RotationPorts, name: string): Promise<string> {
  const source = sourceSchema.parse(await read(ports, `sources/${name}`));
  await write(ports, `sources/${name}`, { ...source, keyHashes: source.keyHashes.slice(0, 1) });
  await ports.restart();
  return `${Math.max(0, source.keyHashes.length - 1)} former keys of ${name} are void.`;
}

/** Takes over Twilio's auth token, and creates the line where there is none. */
export async function setTwilioToken(
  ports: RotationPorts,
  authToken: string,
  line: PhoneLineSettings,
): Promise<string> {
  const existing = await read(ports, 'sources/phone-line').catch((error: unknown) => {
    if (error instanceof ParameterNotFound) return {};
    throw error;
  });
  const source = { ...(existing as object), kind: 'twilio', name: 'phone-line', authToken, ...line };
  await write(ports, 'sources/phone-line', sourceSchema.parse(source));
  await ports.restart();
  return 'phone-line has the new token.';
}

async function read({ prefix, ssm }: RotationPorts, name: string): Promise<unknown> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `${prefix}${name}`, WithDecryption: true }));
  return JSON.parse(Parameter?.Value ?? '');
}

async function write({ keyArn, prefix, ssm }: RotationPorts, name: string, value: unknown): Promise<void> {
  const Value = JSON.stringify(value);
  const secret = { Name: `${prefix}${name}`, Value, Type: 'SecureString' as const, KeyId: keyArn };
  await ssm.send(new PutParameterCommand({ ...secret, Overwrite: true }));
}
