import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Of each SDK client, what a bare handler makes and what it could send. */
const clients: Record<string, { client: string; command: string }> = {
  dynamodb: { client: 'DynamoDBClient', command: 'GetItemCommand' },
  s3: { client: 'S3Client', command: 'GetObjectCommand' },
  ses: { client: 'SESClient', command: 'SendRawEmailCommand' },
  sqs: { client: 'SQSClient', command: 'SendMessageCommand' },
  ssm: { client: 'SSMClient', command: 'GetParametersByPathCommand' },
};

/**
 * Handlers with nothing but SDK clients, made as anyone would with esbuild: minified ES modules of the SDK's own. One
 * with `ssm` reads its parameters before it is ready. Resolves with their directory, for the caller to delete; a
 * handler of the clients `dynamodb ssm` is `dynamodb-ssm.mjs`, one without any `empty.mjs`.
 */
export async function buildBareHandlers(sets: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-bare-'));
  for (const set of sets) {
    await build({
      stdin: { contents: bareHandler(set.split(' ').filter(Boolean)), resolveDir: import.meta.dirname },
      outfile: join(directory, bareFile(set)),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      minify: true,
      sourcemap: 'linked',
      sourcesContent: false,
    });
  }
  return directory;
}

export function bareFile(set: string): string {
  return `${set.replaceAll(' ', '-') || 'empty'}.mjs`;
}

function bareHandler(names: readonly string[]): string {
  const used = names.map((name) => {
    const known = clients[name];
    if (known === undefined) throw new Error(`No bare handler is known for the SDK client ${name}.`);
    return { name, ...known };
  });
  const path = '{ Path: process.env.PARAMETER_PREFIX, Recursive: true, WithDecryption: true }';
  return [
    ...used.map(({ client, command, name }) => `import { ${client}, ${command} } from '@aws-sdk/client-${name}';`),
    `const made = [${used.map(({ client, command }) => `new ${client}({}), ${command}`).join(', ')}];`,
    ...(names.includes('ssm') ? [`await new SSMClient({}).send(new GetParametersByPathCommand(${path}));`] : []),
    'export const handler = async () => made;',
  ].join('\n');
}
