import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adoptParameters } from './deployment/adoptParameters.ts';
import { createClients } from './deployment/clients.ts';
import { type DeployPorts, deploy, printDns } from './deployment/deploy.ts';
import { runCdk, runProvision } from './deployment/runTool.ts';
import { type DeploymentSettings, readSettings } from './deployment/settings.ts';
import { describeStack, stackName } from './deployment/stack.ts';
import { createAwsPorts } from './doctor/awsPorts.ts';

/*
 * `npm run deploy -- [--settings FILE] [--yes] [--records]`: deploys the stack and its parameters and prints what is
 * left for a person. `--yes` asks nothing; `--records` only prints the DNS records.
 */

const prefix = `/throughline/${stackName}/`;
/** Where `cdk.json` has the CDK synthesize. */
const template = join(import.meta.dirname, '../cdk.out', `${stackName}.template.json`);

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      settings: { type: 'string', default: 'deployment.json' },
      yes: { type: 'boolean', default: false },
      records: { type: 'boolean', default: false },
    },
  });
  const settings = readSettings(values.settings);
  const ports = createPorts(settings);
  if (values.records) await printDns(ports, settings);
  else await deploy(ports, settings, { withoutAsking: values.yes });
}

function createPorts({ country, language, region }: DeploymentSettings): DeployPorts {
  const clients = createClients(region);
  const { mailIdentity } = createAwsPorts(clients);
  return {
    stack: () => describeStack(clients.cloudFormation),
    templateParameters: async () => {
      await runCdk(['synth', '--quiet'], region);
      return Object.keys((JSON.parse(readFileSync(template, 'utf8')) as { Parameters?: object }).Parameters ?? {});
    },
    cdk: (args) => runCdk(args, region),
    adoptParameters: (keyArn) => adoptParameters(clients.ssm, prefix, keyArn),
    provision: (keyArn) => {
      const company = JSON.stringify({ defaults: { country, language } });
      return runProvision(['--prefix', prefix, '--key-id', keyArn, '--company', company], region);
    },
    dkimTokens: async (domain) => (await mailIdentity(domain))?.dkimTokens ?? [],
    print: (line) => process.stdout.write(`${line}\n`),
  };
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
