import { Aws, CfnParameter, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { EncryptionKey } from './encryptionKey.ts';
import { InstalledReceiptRule } from './installedReceiptRule.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

export interface InboundMailProps {
  bundlesDir: string;
  encryptionKey: EncryptionKey;
  /** Takes in one mail per message of the queue. */
  receiveEmail: ThroughlineFunction;
}

/** Where SES puts originals, and where their parts are kept. */
const originals = 'raw/';
const parts = 'parts/';

/**
 * Mail from SES to the function that takes it in: the receipt rule keeps the original in the bucket and tells the topic,
 * because only that carries the envelope and has room for 40 MB.
 */
export class InboundMail extends Construct {
  /** Announcements of mails that wait to be taken in. */
  readonly queue: Queue;
  /** Announcements of mails that could not be taken in. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { bundlesDir, encryptionKey, receiveEmail }: InboundMailProps) {
    super(scope, id);
    const domain = new CfnParameter(this, 'Domain', {
      type: 'String',
      default: 'inbound.throughline.example',
      allowedPattern: '[a-z0-9-]+([.][a-z0-9-]+)+',
      description: 'The domain whose mail is received; its MX record leads to SES in this region',
    });
    domain.overrideLogicalId('MailDomain');
    const bucket = createBucket(this, encryptionKey);
    encryptionKey.allowService('ses.amazonaws.com');

    const topic = new Topic(this, 'Received', { enforceSSL: true, masterKey: encryptionKey.key });
    topic.addToResourcePolicy(allowSes('sns:Publish', topic.topicArn));
    bucket.addToResourcePolicy(allowSes('s3:PutObject', bucket.arnForObjects(`${originals}*`)));
    this.deadLetters = createQueue(this, 'DeadLetters', { retentionPeriod: Duration.days(14) });
    this.queue = createQueue(this, 'Queue', {
      // Lambda's advice: six times the function's time-out.
      visibilityTimeout: Duration.minutes(6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
    topic.addSubscription(new SqsSubscription(this.queue));

    const rule = new InstalledReceiptRule(this, 'Rule', {
      bundlesDir,
      domain: domain.valueAsString,
      bucketName: bucket.bucketName,
      objectKeyPrefix: originals,
      topicArn: topic.topicArn,
    });
    // SES tries both when the rule is created, and may only once their policies stand.
    rule.node.addDependency(topic, bucket);

    new EventSourceMapping(this, 'Mapping', {
      target: receiveEmail.function,
      eventSourceArn: this.queue.queueArn,
      // A mail may have 40 MB and cost seconds; none waits for another one or fails with it.
      batchSize: 1,
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
    allow(receiveEmail, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], this.queue.queueArn);
    allow(receiveEmail, ['s3:GetObject'], bucket.arnForObjects(`${originals}*`), 'SES chooses the names of originals.');
    allow(receiveEmail, ['s3:PutObject'], bucket.arnForObjects(`${parts}*`), 'A mail has parts of its own.');
    receiveEmail.allow(encryptionKey.forBucket());
    receiveEmail.function.addEnvironment('MAIL_BUCKET', bucket.bucketName);
    receiveEmail.function.addEnvironment('MAIL_DOMAIN', domain.valueAsString);
    // The parameter of follow-ups: by its domain our own mails are recognised in a reply's references.
    receiveEmail.function.addEnvironment('SENDER_ADDRESS', Fn.ref('SenderAddress'));
  }
}

/** Outlives the stack, as the timeline does. */
function createBucket(scope: Construct, { key }: EncryptionKey): Bucket {
  const bucket = new Bucket(scope, 'Mails', {
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    // Keys are derived in the bucket: as many mails as there may be cost a few requests to KMS.
    bucketKeyEnabled: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        // Mails are read in their first days and kept for years.
        transitions: [{ storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }],
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
  });
  acknowledge(
    bucket,
    'S1',
    'One function reads it and its log names each mail; SES writes the rest of what a log would say.',
  );
  return bucket;
}

function createQueue(scope: Construct, id: string, more: ConstructorParameters<typeof Queue>[2]): Queue {
  return new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...more });
}

function allow(target: ThroughlineFunction, actions: string[], resource: string, whyWildcard?: string): void {
  target.allow(new PolicyStatement({ actions, resources: [resource] }), whyWildcard);
}

/** On behalf of this account alone. */
function allowSes(action: string, resource: string): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('ses.amazonaws.com')],
    actions: [action],
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}
