import { paginateScan } from '@aws-sdk/client-dynamodb';
import type { Leaf } from '../shared/identity/leaf.ts';
import type { Connection } from './connect.ts';

/** Every leaf of the table, each once. It reads the whole table, at half a read unit per 4 KB. */
export async function* listLeaves({
  client,
  tableName,
}: Pick<Connection, 'client' | 'tableName'>): AsyncGenerator<Leaf> {
  let last: string | undefined;
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      ProjectionExpression: 'pk',
      FilterExpression: 'begins_with(pk, :leaf)',
      ExpressionAttributeValues: { ':leaf': { S: 'L#' } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { pk } of Items) {
      // A scan gives the items of one partition one after the other.
      if (pk?.S === undefined || pk.S === last) continue;
      last = pk.S;
      yield last.slice('L#'.length);
    }
  }
}
