import type { Interaction } from '../contracts/interaction.ts';
import { leafCards } from '../conversation/conversationCard.ts';
import { storyOf } from '../conversation/conversationStory.ts';
import type { ConversationWriter } from '../conversation/conversations.ts';
import { type ConversationProjection, projectConversations } from '../conversation/projectConversations.ts';
import { triggerOf } from '../follow-up/playbooks.ts';
import { treeUnchanged } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import { type SearchIndexWriter, termChange } from '../search/searchIndex.ts';
import { searchTerms } from '../search/searchTerms.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Customers, LeafState } from './customers.ts';
import { foldHead, type Head, mayKnow } from './head.ts';
import { isFoldedAlone, isLinked, nodeAmong } from './leafNode.ts';
import { nameOf, preferencesIn } from './preferences.ts';
import { readStory, replayLeaf } from './replayLeaf.ts';

export interface ProjectionPorts {
  customers: Customers;
  conversations: ConversationWriter;
  timeline: Timeline;
  /** Where names and numbers are found; what was folded already is found already. */
  search?: SearchIndexWriter;
}

/** `known`: everything had been folded before. `refolded`: it took the whole timeline. */
export type ProjectionOutcome = 'known' | 'folded' | 'refolded';

const attempts = 6;

/**
 * Folds new interactions of one leaf into its head and, while the leaf is alone, its conversations; those of a linked
 * customer are folded over all leaves once the head tells of it (`foldCustomer`). Each interaction takes effect once, in
 * whatever order, batches and repetitions they come. The head is written last and only while it is the one that was
 * read: a head that knows an interaction proves that everything else about it is written. Throws where something could
 * not be written; the same interactions are then to be given again.
 */
export async function projectLeaf(
  ports: ProjectionPorts,
  leaf: Leaf,
  interactions: readonly Interaction[],
): Promise<ProjectionOutcome> {
  const state = await ports.customers.readState(leaf, { consistent: true });
  const fold = foldHead(state.head, interactions);
  if (fold.kind === 'known') {
    // They come again perhaps because a fold of them broke off, which may have written cards from less than is known now.
    return interactions.some(mayShowOnCards) ? verifyCards(ports, leaf) : 'known';
  }
  if (fold.kind === 'folded' && (isLinked(leaf, nodeAmong(state)) || isFoldedAlone(state))) {
    const isWritten = await writeLeaf(ports, leaf, state, {
      head: fold.head,
      news: fold.fresh,
      fresh: storyOf(fold.fresh),
      readStory: () => readStory(ports.timeline, [leaf]),
      from: 'cards',
    });
    if (isWritten) return 'folded';
  }
  // The head is beyond these interactions, or the cards are not the leaf's own, or somebody else wrote at the same time
  // and half of it may be ours.
  await refoldLeaf(ports, leaf, { doubtful: interactions, news: interactions });
  return 'refolded';
}

/** Whether a card may say something because of it. */
function mayShowOnCards(interaction: Interaction): boolean {
  const { commands, messages } = storyOf([interaction]);
  return messages.length + commands.length > 0 || nameOf(preferencesIn(interaction)) !== undefined;
}

/**
 * Brings the cards of a leaf that is alone to what its messages fold to. Where they were not, the head is written again:
 * somebody else may have written a newer one meanwhile, and cards from it.
 */
async function verifyCards(ports: ProjectionPorts, leaf: Leaf): Promise<'known' | 'refolded'> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await ports.customers.readState(leaf, { consistent: true });
    const { head, others } = state;
    const node = nodeAmong(state);
    if (head === undefined || isLinked(leaf, node)) return 'known';
    if (!isFoldedAlone(state)) {
      await refoldLeaf(ports, leaf);
      return 'refolded';
    }
    let hasWritten = false;
    const aloneAtEpoch = node?.epoch ?? 0;
    const projected = await projectConversations(
      watched(ports.conversations, () => (hasWritten = true)),
      {
        customerId: leaf,
        tree: treeUnchanged(leaf, aloneAtEpoch),
        name: nameOf(head.preferences),
        cards: leafCards(others),
        fresh: { messages: [], commands: [] },
        readStory: () => readStory(ports.timeline, [leaf]),
        from: 'messages',
      },
    );
    if (projected && !hasWritten) return 'known';
    const news = { triggers: [], aloneAtEpoch };
    if (projected && (await ports.customers.writeHead(leaf, head, state.version, news))) return 'refolded';
  }
  throw new Error('a leaf is being written by somebody else all the time');
}

function watched(writer: ConversationWriter, note: () => void): ConversationWriter {
  const noting =
    <Args extends unknown[], T>(write: (...args: Args) => T) =>
    (...args: Args): T => {
      note();
      return write(...args);
    };
  return {
    ...writer,
    openConversation: noting(writer.openConversation),
    writeCard: noting(writer.writeCard),
    deleteCard: noting(writer.deleteCard),
    writeMembership: noting(writer.writeMembership),
    writeStatement: noting(writer.writeStatement),
  };
}

/** What is known about a leaf that is folded again. */
export interface Refolding {
  /**
   * Of messages that name their conversation already, pointers and statements are written again for these only; for all
   * where none are given.
   */
  doubtful?: readonly Interaction[];
  /** What may be a reason for a follow-up, besides what the head does not know yet. */
  news?: readonly Interaction[];
}

/** Brings head and, of a leaf that is alone, conversations to what its timeline folds to, whatever they say now. */
export async function refoldLeaf(
  ports: ProjectionPorts,
  leaf: Leaf,
  { doubtful, news = [] }: Refolding = {},
): Promise<void> {
  // Where a whole leaf is replayed that has no head, all of it may have been heard long ago.
  const isHeard = (id: string, before: Head | undefined) => (before ? mayKnow(before, id) : doubtful === undefined);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const state = await ports.customers.readState(leaf, { consistent: true });
    const { head, story, triggers } = await replayLeaf(ports.timeline, leaf);
    if (head === undefined) return;
    const isWritten = await writeLeaf(ports, leaf, state, {
      head,
      // A replay reads ahead of the stream; what it folds is known when the stream tells it, and no news any more.
      news: [...news, ...triggers.filter(({ id }) => !isHeard(id, state.head) && !news.some((one) => one.id === id))],
      fresh: doubtful && isFoldedAlone(state) ? storyOf(doubtful) : story,
      readStory: async () => story,
      from: 'messages',
    });
    if (isWritten) return;
  }
  throw new Error('a leaf is being written by somebody else all the time');
}

/**
 * Folds a leaf that is alone by now, once per change of its tree: its cards, pointers and
 * statements were written for a customer of several leaves. One without a head is folded when the stream tells of it.
 * Throws where something could not be written; the same news is then to be given again.
 */
export async function foldLeafAlone(ports: ProjectionPorts, leaf: Leaf): Promise<'current' | 'refolded'> {
  const state = await ports.customers.readState(leaf, { consistent: true });
  if (state.head === undefined || isLinked(leaf, nodeAmong(state))) return 'current';
  if (isFoldedAlone(state)) return 'current';
  await refoldLeaf(ports, leaf);
  return 'refolded';
}

/** False where somebody else has written since the state was read. */
async function writeLeaf(
  { customers, conversations, search }: ProjectionPorts,
  leaf: Leaf,
  state: LeafState,
  {
    head,
    news,
    ...messages
  }: Pick<ConversationProjection, 'fresh' | 'readStory' | 'from'> & {
    head: Head;
    news: readonly Interaction[];
  },
): Promise<boolean> {
  const isRefold = messages.from === 'messages';
  const node = nodeAmong(state);
  const isAlone = !isLinked(leaf, node);
  if (isAlone) {
    const name = nameOf(head.preferences);
    const cards = leafCards(state.others);
    const isNewTree = !isFoldedAlone(state);
    const projection = {
      customerId: leaf,
      tree: treeUnchanged(leaf, node?.epoch ?? 0),
      name,
      cards,
      isNewTree,
      ...messages,
    };
    const projected = await projectConversations(conversations, projection);
    if (projected === undefined) return false;
  }
  const terms = searchTerms(head);
  const { added, removed } = termChange(state.head ? searchTerms(state.head) : [], terms);
  if (search && (isRefold || added.length + removed.length > 0)) {
    await search.write(leaf, { added: isRefold ? terms : added, removed });
  }
  const triggers = news.flatMap((interaction) => {
    const type = triggerOf(interaction);
    return type === undefined ? [] : [{ id: interaction.id, type }];
  });
  const aloneAtEpoch = isAlone ? (node?.epoch ?? 0) : 0;
  return customers.writeHead(leaf, head, state.version, { triggers, aloneAtEpoch });
}
