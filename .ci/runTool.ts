import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

export interface ToolResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a tool of the repository's own `node_modules` in a directory. Never rejects because of the tool's exit code. */
export function runTool(command: string, args: string[], directory: string): Promise<ToolResult> {
  const { promise, resolve: fulfil, reject } = Promise.withResolvers<ToolResult>();
  const env = {
    ...process.env,
    PATH: `${tools}${delimiter}${process.env.PATH ?? ''}`,
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  };
  const child = spawn(command, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.on('error', reject);
  child.on('close', (code) => fulfil({ exitCode: code ?? 1, stdout, stderr }));
  return promise;
}

export const repository = resolve(import.meta.dirname, '..');
const tools = join(repository, 'node_modules/.bin');
