import { parseArgs } from 'node:util';
import { createClients } from './deployment/clients.ts';
import { readSettings } from './deployment/settings.ts';
import { createAwsPorts } from './doctor/awsPorts.ts';
import { checks } from './doctor/checks.ts';
import { report, runChecks } from './doctor/runChecks.ts';

/*
 * `npm run doctor -- [--settings FILE] [--json]`: each prerequisite of a deployment, red or green, with its fix. It
 * changes nothing and ends with 1 where something is red.
 */

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: { settings: { type: 'string', default: 'deployment.json' }, json: { type: 'boolean', default: false } },
  });
  const settings = readSettings(values.settings);
  const results = await runChecks(checks, createAwsPorts(createClients(settings.region)), settings);
  process.stdout.write(`${values.json ? JSON.stringify(results) : report(results).join('\n')}\n`);
  return results.every(({ verdict }) => verdict === 'green') ? 0 : 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
