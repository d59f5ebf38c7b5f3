import { asList, asRecord, asText } from '../events/json.ts';
import type { DeployedResource, Deployment } from '../ports.ts';
import { SesError } from './queryProtocol.ts';
import type { SendingEventType } from './sendingEvents.ts';

/** What the template says about sending. */
export interface SendingRules {
  /** Throws MessageRejected where no verified identity covers the address. Without any identity all may send. */
  checkSender(address: string): void;
  /** Throws ConfigurationSetDoesNotExist. */
  checkConfigurationSet(name: string): void;
  /** Whether the configuration set publishes this type of event to the default bus. */
  publishes(configurationSet: string, eventType: SendingEventType): boolean;
}

export function readSendingRules(deployment: Deployment, region: string): SendingRules {
  const identities = deployment
    .ofType('AWS::SES::EmailIdentity')
    .map(({ properties }) => asText(properties.EmailIdentity)?.toLowerCase() ?? '')
    .filter((identity) => identity !== '');
  const configurationSets = deployment.ofType('AWS::SES::ConfigurationSet').map(nameOf);
  const destinations = deployment.ofType('AWS::SES::ConfigurationSetEventDestination').map(readDestination);

  return {
    checkSender: (address) => {
      const wanted = address.toLowerCase();
      const domain = wanted.split('@').at(-1) ?? '';
      const covers = (identity: string) =>
        identity === wanted || identity === domain || domain.endsWith(`.${identity}`);
      if (identities.length === 0 || identities.some(covers)) return;
      throw new SesError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${address}`,
      );
    },
    checkConfigurationSet: (name) => {
      if (configurationSets.includes(name)) return;
      throw new SesError('ConfigurationSetDoesNotExist', `Configuration set <${name}> does not exist.`);
    },
    publishes: (configurationSet, eventType) =>
      destinations.some(
        (destination) =>
          destination.configurationSet === configurationSet && destination.eventTypes.has(eventType.toLowerCase()),
      ),
  };
}

function nameOf({ properties, physicalId }: DeployedResource): string {
  return asText(properties.Name) ?? physicalId;
}

interface EventDestination {
  configurationSet: string;
  /** In lower case. */
  eventTypes: ReadonlySet<string>;
}

function readDestination({ properties }: DeployedResource): EventDestination {
  const destination = asRecord(properties.EventDestination);
  const isServed = destination.Enabled !== false && destination.EventBridgeDestination !== undefined;
  const types = isServed ? asList(destination.MatchingEventTypes) : [];
  return {
    configurationSet: String(properties.ConfigurationSetName),
    eventTypes: new Set(types.map((type) => String(type).toLowerCase())),
  };
}
