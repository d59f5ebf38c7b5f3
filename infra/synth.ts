import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type BuiltFunction, buildFunctions } from './buildFunctions.ts';
import { synthesize } from './synthesize.ts';

export interface Synthesized {
  templatePath: string;
  functions: BuiltFunction[];
}

/**
 * Bundles the functions and synthesizes the stack around them; the assembly goes to `cdk.out` unless told otherwise.
 * Rejects where the stack breaks a rule, unless the CDK's validation is switched off: the platform on this machine does
 * that to start sooner.
 */
export async function synth(outDir = 'cdk.out'): Promise<Synthesized> {
  const { outDir: bundlesDir, functions } = await buildFunctions();
  const check = process.env.CDK_VALIDATION !== 'false' ? (await import('./checkRules.ts')).checkRules : undefined;
  synthesize({ bundlesDir, outDir: resolve(repository, outDir), stackName, ...(check ? { check } : {}) });
  return { templatePath: resolve(repository, outDir, `${stackName}.template.json`), functions };
}

const repository = join(import.meta.dirname, '..');
const stackName = 'Throughline';

/** What `npm run synth` prints: where the template lies, how much it holds, what each function weighs. */
async function summarize({ templatePath, functions }: Synthesized): Promise<string> {
  const template: { Resources: object } = JSON.parse(await readFile(templatePath, 'utf8'));
  return [
    `template   ${relative(process.cwd(), templatePath)}`,
    `resources  ${Object.keys(template.Resources).length}`,
    ...functions.map(
      ({ name, bytes }) => `bundle     ${name.padEnd(18)}${String(Math.ceil(bytes / 1024)).padStart(5)} KB`,
    ),
  ].join('\n');
}

if (import.meta.main) process.stdout.write(`${await summarize(await synth())}\n`);
