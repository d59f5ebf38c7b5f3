import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  CfnGlobalTable,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryptionKey.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

/** The sparse index of conversations that wait for somebody; only what an inbox row shows. */
export const inboxIndex = {
  indexName: 'inbox',
  partitionKey: { name: 'inboxStatus', type: AttributeType.STRING },
  sortKey: { name: 'inboxSince', type: AttributeType.STRING },
  projectionType: ProjectionType.INCLUDE,
  nonKeyAttributes: [
    'conversationId',
    'customerId',
    'name',
    'status',
    'channel',
    'subject',
    'endedWith',
    'owes',
    'waitingSince',
    'assignee',
    'snoozedUntil',
    'linkedTo',
    'isUnverifiedReply',
    'entity',
    'schemaVersion',
  ],
};

/** What a function may be allowed to do with the table, named as IAM names it. */
export type TableAction =
  | 'BatchGetItem'
  | 'ConditionCheckItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'PartiQLInsert'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

/** The one table. It outlives the stack: deleting the stack never deletes a customer's history. */
export class TimelineTable extends Construct {
  readonly table: TableV2;
  private readonly encryptionKey: EncryptionKey;

  constructor(scope: Construct, id: string, encryptionKey: EncryptionKey) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expiresAtSeconds',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      globalSecondaryIndexes: [inboxIndex],
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    encrypt(this.table, encryptionKey);
  }

  /** ARN of the stream of new and old images. */
  get streamArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error('The timeline table has no stream.');
    return tableStreamArn;
  }

  /** Allows exactly these actions on items of the table, not on its index. */
  allow(target: ThroughlineFunction, actions: TableAction[]): void {
    target.allow(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.table.tableArn],
      }),
    );
    target.allow(this.encryptionKey.forTable());
    target.function.addEnvironment('TABLE_NAME', this.table.tableName);
  }

  /** Allows reading what tokens stand for, and nothing else. */
  allowTokenRead(target: ThroughlineFunction): void {
    target.allow(
      new PolicyStatement({
        actions: ['dynamodb:GetItem'],
        resources: [this.table.tableArn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*'] } },
      }),
    );
  }

  /** Allows queries of the inbox index. */
  allowInboxQuery(target: ThroughlineFunction): void {
    target.allow(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: [`${this.table.tableArn}/index/${inboxIndex.indexName}`],
      }),
    );
  }

  /** Allows reading the stream; the ARN is the stream's, so the table's items stay out of reach. */
  allowStreamRead(target: ThroughlineFunction): void {
    target.allow(
      new PolicyStatement({
        actions: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
        ],
        resources: [`${this.table.tableArn}/stream/*`],
      }),
      'The name of a stream is the time of its creation, and only the stream that exists can be named by it.',
    );
  }
}

/** `TableEncryptionV2.customerManagedKey` wants to know the region; this template fits every region. */
function encrypt(table: TableV2, { key }: EncryptionKey): void {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnGlobalTable)) throw new Error('The timeline table is no AWS::DynamoDB::GlobalTable.');
  resource.sseSpecification = { sseEnabled: true, sseType: 'KMS' };
  resource.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: key.keyArn });
}
