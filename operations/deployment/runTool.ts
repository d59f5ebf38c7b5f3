import { spawn } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** Runs the CDK's command line where a person can answer its questions; rejects where it fails. */
export async function runCdk(args: readonly string[], region: string): Promise<void> {
  const cdk = join(repository, 'node_modules/aws-cdk/bin/cdk');
  await run([cdk, ...args], region, 'inherit');
}

/** Runs `infra/provision.ts` and returns the keys that it created. */
export async function runProvision(args: readonly string[], region: string): Promise<Record<string, string>> {
  const output = await run([join(repository, 'infra/provision.ts'), ...args, '--json'], region, 'pipe');
  return JSON.parse(output) as Record<string, string>;
}

function run(argv: readonly string[], region: string, stdout: 'inherit' | 'pipe'): Promise<string> {
  const child = spawn(process.execPath, argv, {
    cwd: repository,
    env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    stdio: ['inherit', stdout, 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${argv[0]?.split('/').at(-1)} ended with ${code}.`));
    });
  });
}
