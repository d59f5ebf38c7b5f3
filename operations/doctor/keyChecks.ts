import { parseSettings, type Settings } from '../../shared/source/settings.ts';
import type { DoctorPorts } from './ports.ts';
import { type Check, green, red } from './runChecks.ts';

/** What the parameter set must hold. */
export const keyChecks: readonly Check[] = [
  {
    name: 'secrets present',
    look: async (ports) => {
      const settings = await read(ports);
      return settings instanceof Error
        ? red(settings.message.replaceAll('\n', ' '), 'Run npm run deploy: it creates what is missing.')
        : green(`pepper, ${settings.tokenKeys.length} token keys, ${settings.sources.length} sources`);
    },
  },
  {
    name: 'agents have a key',
    look: async (ports) => {
      const settings = await read(ports);
      const agents = settings instanceof Error ? [] : settings.sources.filter(({ kind }) => kind === 'agent');
      return agents.length > 0
        ? green(agents.map(({ keyHashes, name }) => `${name} (${keyHashes.length})`).join(', '))
        : red('no source of kind agent', 'Run npm run deploy: it creates agent-console and shows its key once.');
    },
  },
  {
    name: 'telephone line',
    look: async (ports, { telephone }) => {
      if (telephone === undefined) return green('none wanted');
      const settings = await read(ports);
      const line = settings instanceof Error ? undefined : settings.sources.find(({ kind }) => kind === 'twilio');
      if (line === undefined) {
        return red('no token of Twilio is kept', 'Run npm run rotate -- twilio and paste the auth token.');
      }
      if (line.forwardTo !== telephone.forwardTo) {
        return red(
          'calls ring elsewhere than the settings say',
          'Run npm run rotate -- twilio: it takes the settings over.',
        );
      }
      const address = (await ports.stack())?.outputs.PublicAddress ?? '<public address>';
      return green(
        `at Twilio: ${['voice', 'status', 'sms'].map((to) => `POST ${address}/voice/twilio/${to}`).join(', ')}`,
      );
    },
  },
];

async function read(ports: DoctorPorts): Promise<Settings | Error> {
  const parameters = await ports.parameters();
  try {
    return parseSettings(parameters);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
