import type { Interaction } from '../../shared/contracts/interaction.ts';
import { type ProjectionPorts, projectLeaf } from '../../shared/customer/projectLeaf.ts';
import type { DueItems } from '../../shared/due/dueItems.ts';
import { scheduleDue } from '../../shared/due/scheduleDue.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { createLinkIdentities, type LinkPorts } from '../../shared/identity/linkIdentities.ts';
import { UndecodableError } from '../../shared/platform/errors.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { FailedChange, ItemChange } from '../../shared/platform/stream.ts';
import type { Item } from '../../shared/platform/table.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';
import { interactionId, readInteractionItemKey } from '../../shared/timeline/timelineKeys.ts';

/** Where it is written down what interactions make due; nowhere if it is left out. */
interface DuePort {
  due?: Pick<DueItems, 'put'>;
}

/** Leaves that are folded at the same time. */
const concurrency = 10;

/**
 * The stream consumer that links and folds new interactions: all of one leaf in a batch together, leaves side by side.
 * A leaf that fails reports its earliest change; the others go on.
 */
export function createProjectTimeline({ due, log, ...ports }: ProjectionPorts & LinkPorts & DuePort & { log: Log }) {
  const linkIdentities = createLinkIdentities(ports);
  const project = async (leaf: Leaf, [first, ...others]: readonly ItemChange[]): Promise<FailedChange[]> => {
    if (first === undefined) return [];
    const facts = { leaf, ids: [first, ...others].flatMap(idOf) };
    try {
      const interactions = [first, ...others].flatMap((change) => interactionOf(change) ?? []);
      // The head comes last: that it knows an interaction proves that its links are made and what it makes due is known.
      await linkIdentities(interactions);
      if (due) await scheduleDue(due, interactions);
      const outcome = await projectLeaf(ports, leaf, interactions);
      const oldestReceivedMs = Math.min(...interactions.map(({ receivedAt }) => Date.parse(receivedAt)));
      log.info('interactions projected', { ...facts, oldestReceivedMs, outcome });
      if (outcome !== 'known') log.count(outcome === 'refolded' ? 'LeavesRefolded' : 'LeavesFolded');
      return [];
    } catch (error) {
      return [{ sequenceNumber: first.sequenceNumber, error, facts }];
    }
  };

  return async (changes: ItemChange[]): Promise<FailedChange[]> => {
    const leaves = [...groupByLeaf(changes)];
    const failed: FailedChange[] = [];
    const work = async () => {
      for (let next = leaves.shift(); next; next = leaves.shift()) failed.push(...(await project(...next)));
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return failed;
  };
}

/** New interactions by leaf; whatever else the stream tells is nobody's concern here. */
function groupByLeaf(changes: readonly ItemChange[]): Map<Leaf, ItemChange[]> {
  const byLeaf = new Map<Leaf, ItemChange[]>();
  for (const change of changes) {
    const { newImage, oldImage } = change;
    if (newImage?.entity !== 'interaction' || oldImage !== undefined) continue;
    const leaf = readInteractionItemKey(newImage as Item)?.leaf ?? String(newImage.pk);
    byLeaf.set(leaf, [...(byLeaf.get(leaf) ?? []), change]);
  }
  return byLeaf;
}

function idOf({ newImage }: ItemChange): string[] {
  const key = readInteractionItemKey(newImage as Item);
  return key === undefined ? [] : [interactionId(key)];
}

function interactionOf({ newImage }: ItemChange): Interaction | undefined {
  try {
    return newImage && fromInteractionItem(newImage as Item);
  } catch (cause) {
    throw new UndecodableError(String(newImage?.sk), cause);
  }
}
