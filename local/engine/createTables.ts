import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DeployedResource, Deployment } from '../ports.ts';
import { createTable, type TableDefinition } from './createTable.ts';

/** Creates every table of the stack that does not exist yet and returns what they are. */
export async function createTables(client: DynamoDBClient, deployment: Deployment): Promise<TableDefinition[]> {
  const resources = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'].flatMap((type) => deployment.ofType(type));
  const definitions = resources.map(tableDefinition);
  for (const definition of definitions) await createTable(client, definition);
  return definitions;
}

/** What of a template's table changes how it behaves; encryption and backups are left out. */
export function tableDefinition({ physicalId, properties }: DeployedResource): TableDefinition {
  const {
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
    StreamSpecification,
    TimeToLiveSpecification,
  } = properties as TableProperties;
  return {
    tableName: physicalId,
    ...(TimeToLiveSpecification?.Enabled ? { ttlAttribute: TimeToLiveSpecification.AttributeName } : {}),
    input: {
      AttributeDefinitions,
      KeySchema,
      BillingMode: 'PAY_PER_REQUEST',
      ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(indexDefinition) } : {}),
      ...(LocalSecondaryIndexes ? { LocalSecondaryIndexes: LocalSecondaryIndexes.map(indexDefinition) } : {}),
      ...(StreamSpecification
        ? { StreamSpecification: { StreamEnabled: true, StreamViewType: StreamSpecification.StreamViewType } }
        : {}),
    },
  };
}

type Index = NonNullable<CreateTableCommandInput['GlobalSecondaryIndexes']>[number];

interface TableProperties extends Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema'> {
  GlobalSecondaryIndexes?: Index[];
  LocalSecondaryIndexes?: Index[];
  StreamSpecification?: { StreamViewType: 'NEW_AND_OLD_IMAGES' };
  TimeToLiveSpecification?: { Enabled: boolean; AttributeName: string };
}

function indexDefinition({ IndexName, KeySchema, Projection }: Index): Index {
  return { IndexName, KeySchema, Projection };
}
