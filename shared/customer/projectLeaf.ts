import type { Interaction } from '../contracts/interaction.ts';
import { leafCards } from '../conversation/conversationCard.ts';
import { type ConversationMessage, messageOf } from '../conversation/conversationMessage.ts';
import type { ConversationWriter } from '../conversation/conversations.ts';
import { type ConversationProjection, projectConversations } from '../conversation/projectConversations.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Customers, LeafState } from './customers.ts';
import { foldHead, type Head } from './head.ts';
import { readLeafMessages, replayLeaf } from './replayLeaf.ts';

export interface ProjectionPorts {
  customers: Customers;
  conversations: ConversationWriter;
  timeline: Timeline;
}

/** `known`: everything had been folded before. `refolded`: it took the whole timeline. */
export type ProjectionOutcome = 'known' | 'folded' | 'refolded';

const attempts = 6;

/**
 * Folds new interactions of one leaf into its head and conversations. Each takes effect once, in whatever order,
 * batches and repetitions they come. The head is written last and only while it is the one that was read: a head that
 * knows an interaction proves that everything else about it is written. Throws where something could not be written;
 * the same interactions are then to be given again.
 */
export async function projectLeaf(
  ports: ProjectionPorts,
  leaf: Leaf,
  interactions: readonly Interaction[],
): Promise<ProjectionOutcome> {
  const state = await ports.customers.readState(leaf, { consistent: true });
  const fold = foldHead(state.head, interactions);
  if (fold.kind === 'known') return 'known';
  if (fold.kind === 'folded') {
    const isWritten = await writeLeaf(ports, leaf, state, {
      head: fold.head,
      fresh: messagesOf(fold.fresh),
      readMessages: () => readLeafMessages(ports.timeline, leaf),
      from: 'cards',
    });
    if (isWritten) return 'folded';
  }
  // The head is beyond these interactions, or somebody else wrote at the same time and half of it may be ours.
  await refoldLeaf(ports, leaf, messagesOf(interactions));
  return 'refolded';
}

/**
 * Brings head and conversations of one leaf to what its timeline folds to, whatever they say now. Of messages that
 * name their conversation already, pointers and statements are written again for the `doubtful` ones only; all are
 * doubtful if none are given.
 */
export async function refoldLeaf(
  ports: ProjectionPorts,
  leaf: Leaf,
  doubtful?: readonly ConversationMessage[],
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await ports.customers.readState(leaf, { consistent: true });
    const { head, messages } = await replayLeaf(ports.timeline, leaf);
    if (head === undefined) return;
    const isWritten = await writeLeaf(ports, leaf, state, {
      head,
      fresh: doubtful ?? messages,
      readMessages: async () => messages,
      from: 'messages',
    });
    if (isWritten) return;
  }
  throw new Error('a leaf is being written by somebody else all the time');
}

/** False where somebody else has written since the state was read. */
async function writeLeaf(
  { customers, conversations }: ProjectionPorts,
  leaf: Leaf,
  state: LeafState,
  next: Pick<ConversationProjection, 'fresh' | 'readMessages' | 'from'> & { head: Head },
): Promise<boolean> {
  const { head, ...messages } = next;
  const name = head.preferences.name?.value;
  const cards = leafCards(state.others);
  if (!(await projectConversations(conversations, { leaf, name, cards, ...messages }))) return false;
  return customers.writeHead(leaf, head, state.version);
}

function messagesOf(interactions: readonly Interaction[]): ConversationMessage[] {
  return interactions.flatMap((interaction) => messageOf(interaction) ?? []);
}
