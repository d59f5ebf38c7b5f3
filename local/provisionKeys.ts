import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParameterStore } from './aws/createParameterStore.ts';
import { clientEnvironment } from './functions/functionEnvironment.ts';
import type { ServiceEndpoints } from './ports.ts';

export interface ProvisionOptions {
  repository: string;
  /** Where the functions look for their parameters. */
  prefix: string;
  dataDir: string;
  parameters: ParameterStore;
  endpoints: ServiceEndpoints;
  /** Of the sources that decide which parameters there must be. */
  fingerprint: string;
  signal: AbortSignal;
}

/** Keys by their name, such as `browserWriteKey`, in plain text. */
export type Keys = Record<string, string>;

/**
 * Creates the parameters that are missing, as the deployment does, and keeps the plain keys, which only their
 * creation shows, in a file that its owner alone can read.
 */
export async function provisionKeys(options: ProvisionOptions): Promise<Keys> {
  const keyFile = join(options.dataDir, 'keys.json');
  const doneFile = join(options.dataDir, 'provisioned');
  const known: Keys = existsSync(keyFile) ? (JSON.parse(readFileSync(keyFile, 'utf8')) as Keys) : {};
  const doneFor = existsSync(doneFile) ? readFileSync(doneFile, 'utf8') : '';
  const script = join(options.repository, 'infra', 'provision.ts');
  if (doneFor === options.fingerprint || !existsSync(script)) return known;
  const keys = await options.parameters.saveAfter(async () => {
    const all = { ...known, ...(await runProvision(script, options)) };
    writeFileSync(`${keyFile}.new`, `${JSON.stringify(all, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${keyFile}.new`, keyFile);
    return all;
  });
  writeFileSync(doneFile, options.fingerprint);
  return keys;
}

function runProvision(script: string, { repository, prefix, endpoints, signal }: ProvisionOptions): Promise<Keys> {
  const child = spawn(process.execPath, [script, '--prefix', prefix, '--json'], {
    cwd: repository,
    env: { ...process.env, ...clientEnvironment(endpoints) },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    complaints += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const line = output.trim().split('\n').at(-1) ?? '';
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as Keys);
      else reject(new Error(`The parameters could not be created: ${complaints.trim() || output.trim()}`));
    });
  });
}
