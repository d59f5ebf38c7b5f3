import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { engineClient } from '../../local/engine/createTable.ts';
import type { Platform } from '../../local/platform.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Item } from '../../shared/platform/table.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';

/** Every interaction in a platform's table, whoever's it is. */
export async function storedInteractions(platform: Pick<Platform, 'deployment' | 'endpoints'>): Promise<Interaction[]> {
  const [table] = platform.deployment.ofType('AWS::DynamoDB::GlobalTable');
  const client = engineClient(platform.endpoints.dynamodb);
  const found: Interaction[] = [];
  for await (const page of paginateScan({ client }, { TableName: table?.physicalId, ConsistentRead: true })) {
    for (const attributes of page.Items ?? []) {
      const interaction = fromInteractionItem(unmarshall(attributes) as Item);
      if (interaction) found.push(interaction);
    }
  }
  client.destroy();
  return found;
}
