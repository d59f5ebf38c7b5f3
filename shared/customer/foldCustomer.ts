import type { Interaction } from '../contracts/interaction.ts';
import { byLastArrival, leafCards } from '../conversation/conversationCard.ts';
import { projectConversations } from '../conversation/projectConversations.ts';
import type { Identities } from '../identity/identities.ts';
import { membersOf } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import { encodeCustomer } from './customerContent.ts';
import { type CustomerFold, type MemberHead, mergeMemberHeads, messageCount } from './customerFold.ts';
import type { Customers, LeafState } from './customers.ts';
import { nodeAmong } from './leafNode.ts';
import { nameOf } from './preferences.ts';
import { foldLeafAlone, type ProjectionPorts, refoldLeaf } from './projectLeaf.ts';
import { readStory } from './replayLeaf.ts';

export interface CustomerFoldPorts extends ProjectionPorts {
  identities: Pick<Identities, 'find'>;
}

/** What is known to have changed. */
export interface CustomerNews {
  /** Versions of heads by leaf. */
  heads: ReadonlyMap<Leaf, number>;
  /** The conversations are to be folded from their messages whatever the heads say. */
  isDoubtful: boolean;
  /** Every card, pointer and statement is to be written again unless it says what it should. */
  isWhole?: boolean;
}

/** `alone`: the leaf is linked to nothing. `current`: everything had been folded before. */
export type CustomerFoldOutcome = 'alone' | 'current' | 'folded';

const attempts = 8;

/**
 * Brings the conversations of a linked customer and what all leaves add up to (`~c`) to what the heads and timelines
 * fold to. Whoever folds reads the customer's version first and writes it last, so of several at the same time the
 * slower one starts over; a fold that broke off is done again from the messages, because the news that caused it is
 * then not newer than what others have folded. Throws where something could not be written; the same news is then to
 * be given again.
 */
export async function foldCustomer(
  ports: CustomerFoldPorts,
  leaf: Leaf,
  news: CustomerNews,
): Promise<CustomerFoldOutcome> {
  const { doubtful, leaves, outcome } = await foldTree(ports, leaf, news);
  const folded = new Set(leaves);
  for (const other of doubtful) {
    if (folded.has(other)) continue;
    // What a fold that did not know of the parting wrote about the other side is put right there.
    const apart = await foldTree(ports, other, { heads: new Map(), isDoubtful: true });
    for (const one of [other, ...apart.leaves]) folded.add(one);
    if (apart.outcome === 'alone') await foldLeafAlone(ports, other, { isDoubtful: true });
  }
  return outcome;
}

interface FoldedTree {
  outcome: CustomerFoldOutcome;
  leaves: readonly Leaf[];
  /** Leaves of which cards, pointers or statements may be those of a tree that is no more. */
  doubtful: ReadonlySet<Leaf>;
}

async function foldTree(ports: CustomerFoldPorts, leaf: Leaf, news: CustomerNews): Promise<FoldedTree> {
  const doubtful = new Set<Leaf>();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isRace = attempt > 0;
    const { root } = await ports.identities.find(leaf);
    const rootState = await ports.customers.readState(root, { consistent: true });
    const node = nodeAmong(rootState);
    if (node?.kind === 'member') continue;
    const leaves = membersOf(root, node);
    if (node === undefined || leaves.length < 2) return { outcome: 'alone', leaves: [leaf], doubtful };
    const { outcome, parted } = await foldLeaves(
      ports,
      { root, epoch: node.epoch, leaves, rootState },
      { ...news, isDoubtful: news.isDoubtful || isRace },
    );
    for (const one of outcome === 'lost' ? leaves : parted) doubtful.add(one);
    if (outcome !== 'lost') return { outcome, leaves, doubtful };
  }
  throw new Error('a customer is being written by somebody else all the time');
}

/**
 * Brings heads, conversations and customer to what the timelines of all leaves fold to, whatever they say now. `news`
 * are interactions of the given leaf that may be a reason for a follow-up.
 */
export async function refoldCustomer(
  ports: CustomerFoldPorts,
  leaf: Leaf,
  news: readonly Interaction[] = [],
): Promise<void> {
  const { leaves } = await ports.identities.find(leaf);
  for (const member of leaves) await refoldLeaf(ports, member, member === leaf ? { news } : {});
  await foldCustomer(ports, leaf, { heads: new Map(), isDoubtful: true, isWhole: true });
}

interface Customer {
  root: Leaf;
  epoch: number;
  leaves: readonly Leaf[];
  rootState: LeafState;
}

interface MemberState extends LeafState {
  leaf: Leaf;
}

/**
 * `lost` where somebody else has written meanwhile. `parted` are leaves that were taken apart from these; where the fold
 * started from the messages, another one that broke off may have written for them as if they were not.
 */
async function foldLeaves(
  ports: CustomerFoldPorts,
  { root, epoch, leaves, rootState }: Customer,
  news: CustomerNews,
): Promise<{ outcome: 'current' | 'folded' | 'lost'; parted: Leaf[] }> {
  const { customers, conversations, timeline } = ports;
  const states = await Promise.all(
    leaves.map(async (leaf): Promise<MemberState> => {
      return { leaf, ...(leaf === root ? rootState : await customers.readState(leaf, { consistent: true })) };
    }),
  );
  const head = mergeMemberHeads(states.flatMap(({ leaf, head }): MemberHead[] => (head ? [{ leaf, head }] : [])));
  if (head === undefined) return { outcome: 'current', parted: [] };
  const members = states.map(({ leaf, head, version }) => ({ leaf, version, messages: messageCount(head) }));

  const before = rootState.customer;
  const isFromMessages = news.isDoubtful || !before || mayConcernMessages(before.fold, { epoch, members }, news);
  let story = news.isWhole ? await readStory(timeline, leaves) : undefined;
  const cards = await projectConversations(conversations, {
    customerId: root,
    name: nameOf(head.preferences),
    cards: states.flatMap(({ others }) => leafCards(others)),
    fresh: story ?? { messages: [], commands: [] },
    readStory: async () => {
      story ??= await readStory(timeline, leaves);
      return story;
    },
    from: isFromMessages ? 'messages' : 'cards',
    isWhole: news.isWhole || before?.fold.epoch !== epoch,
  });
  const ends = story?.links.flatMap(({ a, b, parts }) => (parts ? [a, b] : [])) ?? [];
  const parted = ends.filter((end) => !leaves.includes(end));
  if (cards === undefined) return { outcome: 'lost', parted };

  const fold: CustomerFold = { epoch, members, head, cards: cards.sort(byLastArrival) };
  const isCurrent = before !== undefined && isSameFold(before.fold, fold);
  if (!isCurrent && !(await customers.writeCustomer(root, fold, before?.version ?? 0))) {
    return { outcome: 'lost', parted };
  }
  // While messages were written, the tree may have changed, and others have folded them under another root.
  const isOutdated = isFromMessages && (await epochOf(customers, root)) !== epoch;
  return { outcome: isOutdated ? 'lost' : isCurrent ? 'current' : 'folded', parted };
}

/**
 * Whether messages may be new, may have moved, or may be left half written: news that others have folded already comes
 * again where a fold of it broke off.
 */
function mayConcernMessages(
  before: CustomerFold,
  { epoch, members }: Pick<CustomerFold, 'epoch' | 'members'>,
  { heads }: CustomerNews,
): boolean {
  if (before.epoch !== epoch) return true;
  const folded = new Map(before.members.map((member) => [member.leaf, member]));
  if (members.some(({ leaf, messages }) => folded.get(leaf)?.messages !== messages)) return true;
  return [...heads].some(([leaf, version]) => version <= (folded.get(leaf)?.version ?? 0));
}

async function epochOf(customers: Pick<Customers, 'readNode'>, root: Leaf): Promise<number | undefined> {
  return (await customers.readNode(root, { consistent: true }))?.epoch;
}

function isSameFold(one: CustomerFold, other: CustomerFold): boolean {
  const [first, second] = [encodeCustomer(one), encodeCustomer(other)];
  return (
    first.epoch === second.epoch &&
    Buffer.compare(first.head, second.head) === 0 &&
    Buffer.compare(first.content, second.content) === 0
  );
}
