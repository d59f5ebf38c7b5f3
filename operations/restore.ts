import { parseArgs } from 'node:util';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { connect } from './connect.ts';

/*
 * `npm run restore -- --from TABLE [--data-dir DIR]`: puts back what a restored copy of the table still has and the table
 * has not. Nothing that exists is changed, and what is derived is not copied: it follows from the interactions.
 */

const usage = 'npm run restore -- --from TABLE [--data-dir DIR]';
type Item = Record<string, AttributeValue>;

/** Who was written to and who objected comes back before what could lead to a mail. */
const passes: { names: string; filter: string; values: Record<string, AttributeValue> }[] = [
  {
    names: 'ledgers, tokens and settings',
    filter: 'begins_with(pk, :ledger) OR begins_with(pk, :token) OR begins_with(pk, :settings)',
    values: { ':ledger': { S: 'A#' }, ':token': { S: 'T#' }, ':settings': { S: 'C#' } },
  },
  {
    names: 'interactions',
    filter: 'begins_with(pk, :leaf) AND (begins_with(sk, :event) OR begins_with(sk, :behaviour))',
    values: { ':leaf': { S: 'L#' }, ':event': { S: 'E#' }, ':behaviour': { S: 'B#' } },
  },
];

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, 'data-dir': { type: 'string', default: '.throughline' } },
  });
  if (values.from === undefined) throw new Error(usage);
  const { client, tableName } = await connect(values['data-dir']);
  if (values.from === tableName) throw new Error(`${tableName} is the table itself: name the restored copy.`);
  for (const { filter, names, values: wanted } of passes) {
    let [seen, restored] = [0, 0];
    const scan = { TableName: values.from, FilterExpression: filter, ExpressionAttributeValues: wanted };
    for await (const { Items = [] } of paginateScan({ client }, scan)) {
      seen += Items.length;
      const outcomes = await Promise.all(Items.map((item) => putIfMissing(client, tableName, item)));
      restored += outcomes.filter(Boolean).length;
    }
    process.stdout.write(`${names}: ${restored} of ${seen} put back\n`);
  }
  client.destroy();
}

async function putIfMissing(client: DynamoDBClient, TableName: string, Item: Item): Promise<boolean> {
  try {
    await client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
