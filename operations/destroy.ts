import { parseArgs } from 'node:util';
import { createClients } from './deployment/clients.ts';
import { runCdk } from './deployment/runTool.ts';
import { readSettings } from './deployment/settings.ts';
import { describeStack, listStackResources, stackName } from './deployment/stack.ts';
import { whatRemains } from './deployment/whatRemains.ts';

/*
 * `npm run destroy -- [--settings FILE] [--yes]`: deletes the stack and keeps the data; prints what remains and how it
 * could be deleted.
 */

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { settings: { type: 'string', default: 'deployment.json' }, yes: { type: 'boolean', default: false } },
  });
  const { region } = readSettings(values.settings);
  const { cloudFormation } = createClients(region);
  if ((await describeStack(cloudFormation)) === undefined)
    throw new Error(`There is no stack ${stackName} in ${region}.`);
  // Afterwards nobody can tell any more.
  const remaining = whatRemains(await listStackResources(cloudFormation), region);
  await runCdk(['destroy', stackName, ...(values.yes ? ['--force'] : [])], region);
  const left = await describeStack(cloudFormation);
  if (left !== undefined) throw new Error(`The stack is still there: ${left.status}.`);
  process.stdout.write(`${remaining.join('\n')}\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
