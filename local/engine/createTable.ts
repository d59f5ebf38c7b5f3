import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';

/** A table as the template asks for it; the parts of `AWS::DynamoDB::Table` and `GlobalTable` that change behaviour. */
export interface TableDefinition {
  tableName: string;
  input: Omit<CreateTableCommandInput, 'TableName'>;
  /** The attribute of time to live in epoch seconds. */
  ttlAttribute?: string;
}

/** Creates the table where it does not exist; an existing one is left as it is. */
export async function createTable(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  try {
    await client.send(new CreateTableCommand({ ...definition.input, TableName: definition.tableName }));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  if (definition.ttlAttribute) await enableTimeToLive(client, definition.tableName, definition.ttlAttribute);
}

async function enableTimeToLive(client: DynamoDBClient, tableName: string, attribute: string): Promise<void> {
  const described = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
  if (described.TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: attribute },
    }),
  );
}

/** A client of the embedded engine: no region of its own, no credentials that mean anything. */
export function engineClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}
