import type { DeployedResource, Deployment } from '../ports.ts';

const region = 'eu-central-1';

/** What every SDK client of the local platform is made with: one region, no credentials that mean anything. */
export function clientSettings(endpoint: string) {
  return { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

/** `arn:partition:service:region:account:resource`, split. Throws where the text is no ARN. */
export function parseArn(arn: string) {
  const [prefix, partition = '', service = '', arnRegion = '', account = '', ...resource] = arn.split(':');
  if (prefix !== 'arn' || resource.length === 0) throw new Error(`"${arn}" is not an ARN`);
  return { partition, service, region: arnRegion, account, resource: resource.join(':') };
}

/** The table of `arn:…:table/name/stream/label`. */
export function tableOfStreamArn(arn: string): string {
  const [kind, name] = parseArn(arn).resource.split('/');
  if (kind !== 'table' || !name) throw new Error(`"${arn}" is not the ARN of a table's stream`);
  return name;
}

/** Finds a function by what a mapping or a target may hold: its name, its ARN, or its ARN with an alias or a version. */
export function findFunction(deployment: Deployment, reference: string): DeployedResource | undefined {
  const name = reference.startsWith('arn:') ? parseArn(reference).resource.split(':')[1] : reference;
  return deployment
    .ofType('AWS::Lambda::Function')
    .find((candidate) => candidate.physicalId === name || candidate.attributes.Arn === reference);
}

/** Region and account that the stack's ARNs carry. */
export function stackIdentity(deployment: Deployment): { region: string; account: string } {
  for (const type of ['AWS::Lambda::Function', 'AWS::SQS::Queue']) {
    for (const resource of deployment.ofType(type)) {
      const arn = resource.attributes.Arn;
      if (arn) return { region: parseArn(arn).region, account: parseArn(arn).account };
    }
  }
  return { region, account: '000000000000' };
}
