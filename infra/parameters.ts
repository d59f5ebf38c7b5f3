import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryptionKey.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

/**
 * Where secrets and sources are kept: SecureString parameters below one path.
 * CloudFormation cannot create a SecureString, so `infra/provision.ts` does; here are only the name and who may read.
 */
export class Parameters extends Construct {
  /** Begins and ends with a slash. */
  readonly prefix: string;
  private readonly encryptionKey: EncryptionKey;

  constructor(scope: Construct, id: string, encryptionKey: EncryptionKey) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.prefix = `/throughline/${Stack.of(this).stackName}/`;
  }

  /** Allows reading every parameter below the path, decrypted, and tells the function where they lie. */
  allowRead(target: ThroughlineFunction): void {
    const path = this.prefix.slice(1, -1);
    target.allow(
      new PolicyStatement({
        actions: ['ssm:GetParametersByPath'],
        resources: [this.parameterArn(path), this.parameterArn(`${path}/*`)],
      }),
      'Operators add sources while the stack runs, each a parameter below this path that holds nothing else.',
    );
    target.allow(this.encryptionKey.forParameters(this.parameterArn(`${path}/*`)));
    target.function.addEnvironment('PARAMETER_PREFIX', this.prefix);
  }

  private parameterArn(resourceName: string): string {
    return Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
