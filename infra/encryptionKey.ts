import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The one customer-managed key of the stack: it encrypts the timeline table, mails, topics and parameters. */
export class EncryptionKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.key = new Key(this, 'Key', {
      alias: `throughline/${stackName}`,
      description: `${stackName}: customer data and secrets`,
      enableKeyRotation: true,
      // Each of the first two rotations adds a dollar a month for ever, so it is the longest period that there is.
      rotationPeriod: Duration.days(2560),
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

  /** Use of the key by S3 on behalf of who reads or writes the bucket. */
  forBucket(): PolicyStatement {
    return new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` } },
    });
  }

  /** Lets a service of AWS write what is encrypted with the key, for this account alone. */
  allowService(service: string): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        // In a key's policy this is the key itself.
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
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
