import { isDeepStrictEqual } from 'node:util';
import { engineClient } from '../../local/engine/createTable.ts';
import type { Platform } from '../../local/platform.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { decodeHead, encodeHead } from '../../shared/customer/headContent.ts';
import { replayLeaf } from '../../shared/customer/replayLeaf.ts';
import { createTable } from '../../shared/platform/table.ts';
import { readInteractionId } from '../../shared/timeline/timelineKeys.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import type { Expected } from './mixedLoad.ts';

/** What a function had claimed when it broke off is looked at again after minutes, which pass here at once. */
export async function settle(platform: Pick<Platform, 'clock' | 'drain'>): Promise<void> {
  await platform.drain(60_000);
  for (let minutes = 0; minutes < 24; minutes += 4) {
    platform.clock.advance(4 * 60_000);
    await platform.drain(60_000);
  }
}

/** What does not stand exactly once on the timelines, with how often it does. */
export function notOnce(stored: readonly Interaction[], expected: readonly Expected[]): string[] {
  const texts = Map.groupBy(stored, ({ type }) => type);
  const found = new Map([...texts].map(([type, ofType]) => [type, ofType.map((one) => JSON.stringify(one))]));
  return expected.flatMap(({ type, word }) => {
    const times = (found.get(type) ?? []).filter((text) => text.includes(word)).length;
    return times === 1 ? [] : [`${type} ${word}: ${times}`];
  });
}

/** How many mails each address has been sent. */
export async function mailsByRecipient({ url }: Pick<Platform, 'url'>): Promise<Map<string, number>> {
  const mailbox = (await (await fetch(`${url}/_local/mailbox`)).json()) as { messages: { to: string[] }[] };
  const counts = new Map<string, number>();
  for (const address of mailbox.messages.flatMap(({ to }) => to)) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
}

/** Leaves whose head is not what their timeline folds to. */
export async function leavesWithAnotherHead(
  platform: Pick<Platform, 'deployment' | 'endpoints'>,
  stored: readonly Interaction[],
): Promise<string[]> {
  const [resource] = platform.deployment.ofType('AWS::DynamoDB::GlobalTable');
  const client = engineClient(platform.endpoints.dynamodb);
  const table = createTable(client, resource?.physicalId ?? '');
  const timeline = createTimelineStore(table);
  const customers = createCustomerStore(table);
  const different: string[] = [];
  for (const leaf of new Set(stored.map(({ id }) => readInteractionId(id)?.leaf ?? ''))) {
    const { head } = await customers.readState(leaf, { consistent: true });
    const replayed = await replayLeaf(timeline, leaf);
    const expected = replayed.head && decodeHead(encodeHead(replayed.head));
    if (!isDeepStrictEqual(head, expected)) different.push(leaf);
  }
  client.destroy();
  return different;
}
