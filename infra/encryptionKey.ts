import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The one customer-managed key of the stack: it encrypts the timeline table and the parameters. */
export class EncryptionKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.key = new Key(this, 'Key', {
      alias: `throughline/${stackName}`,
      description: `${stackName}: customer data and secrets`,
      enableKeyRotation: true,
      // Without the key a retained table cannot be read.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Use of the key by DynamoDB on behalf of who reads or writes the table, and for nothing else. */
  forTable(): PolicyStatement {
    return new PolicyStatement({
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` } },
    });
  }

  /** Decryption of the parameters below one path, `arn:…:parameter/…/*`, and of nothing else. */
  forParameters(parametersArn: string): PolicyStatement {
    return new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [this.key.keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': `ssm.${Stack.of(this).region}.amazonaws.com` },
        StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parametersArn },
      },
    });
  }
}
