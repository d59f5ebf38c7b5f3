import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { createClients } from './deployment/clients.ts';
import { type DeploymentSettings, readSettings } from './deployment/settings.ts';
import { describeStack, stackName } from './deployment/stack.ts';
import { restartFunctions } from './rotation/restartFunctions.ts';
import {
  addSourceKey,
  dropTokenKey,
  finishSourceKeys,
  type RotationPorts,
  rotateTokenKeys,
  setTwilioToken,
} from './rotation/rotate.ts';

const usage = `npm run rotate -- token-keys [--drop KID]      a new key signs, the former ones verify; or one of those becomes void
npm run rotate -- source NAME [--finish]    a second key for a source; or only the youngest remains good
npm run rotate -- twilio                    takes Twilio's auth token from standard input
The pepper never rotates: with another one no customer would be found again.`;

async function run(): Promise<string> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      settings: { type: 'string', default: 'deployment.json' },
      drop: { type: 'string' },
      finish: { type: 'boolean', default: false },
    },
  });
  const [what, name] = positionals;
  const rotate = {
    'token-keys': (ports: RotationPorts) =>
      values.drop === undefined ? rotateTokenKeys(ports) : dropTokenKey(ports, values.drop),
    source: async (ports: RotationPorts) => {
      if (name === undefined) throw new Error(usage);
      if (values.finish) return finishSourceKeys(ports, name);
      return `Shown once, kept nowhere: ${await addSourceKey(ports, name)}`;
    },
    twilio: async (ports: RotationPorts, { language, telephone }: DeploymentSettings) => {
      if (telephone === undefined) throw new Error('The settings say nothing of a telephone: add it, then come again.');
      return setTwilioToken(ports, (await text(process.stdin)).trim(), { language, ...telephone });
    },
  }[what ?? ''];
  if (rotate === undefined) throw new Error(usage);
  const settings = readSettings(values.settings);
  return rotate(await createPorts(settings.region), settings);
}

async function createPorts(region: string): Promise<RotationPorts> {
  const clients = createClients(region);
  const keyArn = (await describeStack(clients.cloudFormation))?.outputs.EncryptionKeyArn;
  if (keyArn === undefined) throw new Error(`There is no stack ${stackName} in ${region}. Run npm run deploy.`);
  return {
    ssm: clients.ssm,
    prefix: `/throughline/${stackName}/`,
    keyArn,
    restart: async () => {
      await restartFunctions(clients, new Date().toISOString());
    },
  };
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
