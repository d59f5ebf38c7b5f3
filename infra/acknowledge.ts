import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Says why a rule of cdk-nag, such as `S1`, does not fit a construct; every other construct still has to keep it. */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}

/** The same for the resources of a statement that end in a wildcard, each by name: one more wildcard is one more finding. */
export function acknowledgeWildcards(scope: IConstruct, { resources }: PolicyStatement, reason: string): void {
  const wildcards = Stack.of(scope).resolve(resources).map(flat).filter(endsInWildcard);
  for (const resource of wildcards) acknowledge(scope, `IAM5[Resource::${resource}]`, reason);
}

function endsInWildcard(resource: string): boolean {
  return resource.endsWith('*');
}

/** A reference as cdk-nag writes it into the names of findings. */
function flat(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = reference as Partial<Record<string, unknown>>;
  if (typeof Ref === 'string') return `<${Ref}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(flat).join(String(join[0]));
  throw new Error(`No name is known for ${JSON.stringify(reference)}.`);
}
