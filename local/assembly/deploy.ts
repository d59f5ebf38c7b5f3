import { accountId, region } from '../messaging/startMessaging.ts';
import type { DeployedResource, Deployment } from '../ports.ts';
import { createResolver, type Resolver } from './createResolver.ts';
import { type IdentityContext, identify } from './identify.ts';
import type { StackAssembly, TemplateResource } from './readAssembly.ts';

/** What CloudFormation would learn only while deploying. */
export interface DeployOptions {
  /** Where queues listen, by the queue's name. */
  queueUrl(name: string): string;
  /** The address of the HTTP API. */
  apiUrl: string;
}

/** Resolves every resource of the stack as if it had been deployed on this machine. Names do not change between starts. */
export function deploy(assembly: StackAssembly, options: DeployOptions): Deployment {
  const { stackName, template } = assembly;
  const known = new Map<string, DeployedResource>();
  const resolver: Resolver = createResolver({
    template,
    pseudoParameters: pseudoParameters(stackName),
    reference: (logicalId) => identified(logicalId).physicalId,
    attribute: (logicalId, name) => attributeOf(identified(logicalId), name),
  });
  const context: IdentityContext = { ...options, stackName, resolve: resolver.resolve };

  /** Names are settled before properties, which may refer to one another. */
  function identified(logicalId: string): DeployedResource {
    const done = known.get(logicalId);
    if (done) return done;
    const resource = template.Resources[logicalId];
    if (!resource) throw new Error(`The template has no resource ${logicalId}.`);
    const identity = identify(logicalId, resource, context);
    const deployed = { logicalId, type: resource.Type, properties: {}, ...identity };
    known.set(logicalId, deployed);
    return deployed;
  }

  const resources = Object.entries(template.Resources)
    .filter(([, resource]) => isWanted(resource, resolver))
    .map(([logicalId, resource]) => {
      const deployed = identified(logicalId);
      deployed.properties = resolver.resolve(resource.Properties ?? {}) as Record<string, unknown>;
      return deployed;
    });
  return asDeployment(stackName, resources);
}

function asDeployment(stackName: string, resources: readonly DeployedResource[]): Deployment {
  return {
    stackName,
    ofType: (type) => resources.filter((resource) => resource.type === type),
    byLogicalId: (logicalId) => {
      const resource = resources.find((candidate) => candidate.logicalId === logicalId);
      if (!resource) throw new Error(`The stack ${stackName} has no resource ${logicalId}.`);
      return resource;
    },
    byArn: (arn) =>
      resources.find(({ physicalId, attributes }) => physicalId === arn || Object.values(attributes).includes(arn)),
  };
}

function isWanted(resource: TemplateResource, resolver: Resolver): boolean {
  return resource.Condition === undefined || resolver.holds(resource.Condition);
}

function attributeOf(resource: DeployedResource, name: string): string {
  return resource.attributes[name] ?? `${resource.physicalId}.${name}`;
}

function pseudoParameters(stackName: string): Record<string, string> {
  return {
    'AWS::AccountId': accountId,
    'AWS::NotificationARNs': '',
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
}
