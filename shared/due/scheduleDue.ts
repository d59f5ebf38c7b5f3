import type { Interaction } from '../contracts/interaction.ts';
import { dueItemOf } from './dueItem.ts';
import type { DueItems } from './dueItems.ts';

/** Writes down what interactions make due. Giving them again changes nothing. */
export async function scheduleDue(due: Pick<DueItems, 'put'>, interactions: readonly Interaction[]): Promise<void> {
  for (const interaction of interactions) {
    const item = dueItemOf(interaction);
    if (item) await due.put(item);
  }
}
