import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../local/platform.ts';
import { repository, type Snippet } from './documents.ts';

export interface Ran {
  code: number | null;
  output: string;
}

export interface SnippetShell {
  /** Runs shell commands one after the other; ends at the first that fails, a request that is refused included. */
  run(script: string, variables?: Record<string, string>): Promise<Ran>;
  runTypeScript(snippet: Snippet): Promise<Ran>;
}

/**
 * Runs what documents say as their reader would, after `eval "$(npm run --silent keys)"`. Before each request everything
 * that the ones before caused has been done, as it is when a person types.
 */
export function createSnippetShell({ url, keys }: Pick<Platform, 'url' | 'keys'>): SnippetShell {
  const environment = { ...process.env, ...keys, api: url };
  const run = (script: string, variables: Record<string, string> = {}) =>
    execute('bash', ['-c', `${prelude}\n${script}`], { ...environment, ...variables });
  return {
    run,
    async runTypeScript({ code, line, path }) {
      // Inside of the repository, so that its packages are found.
      const directory = join(repository, 'cdk.out', 'snippets');
      mkdirSync(directory, { recursive: true });
      const file = join(directory, `${path.replaceAll('/', '-')}-${line}.ts`);
      writeFileSync(file, code);
      return execute(process.execPath, [file], environment);
    },
  };
}

/** A reader has `jq`; of a machine that tests, only Node is asked. */
const prelude = `set -euo pipefail
curl() {
  command curl --silent --show-error --output /dev/null "$api/_local/clock" --data '{"advance":"PT0S"}'
  command curl --silent --show-error --fail-with-body "$@"
}
jq() {
  node --input-type=module --eval '
    const [flag, path] = process.argv.slice(1);
    if (flag !== "-r") throw new Error("only jq -r");
    let value = JSON.parse(await new Response(process.stdin).text());
    for (const [, key] of path.matchAll(/\\.?(\\w+)\\]?/g)) value = value?.[key];
    if (value === undefined) throw new Error(path + " is not in the answer");
    console.log(value);' -- "$@"
}`;

function execute(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
