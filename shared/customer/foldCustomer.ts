import type { Interaction } from '../contracts/interaction.ts';
import { byLastArrival, leafCards } from '../conversation/conversationCard.ts';
import { projectConversations } from '../conversation/projectConversations.ts';
import type { Identities } from '../identity/identities.ts';
import { membersOf, treeUnchanged } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import { encodeCustomer } from './customerContent.ts';
import { type CustomerFold, type MemberHead, mergeMemberHeads, messageCount } from './customerFold.ts';
import type { LeafState } from './customers.ts';
import { nodeAmong } from './leafNode.ts';
import { nameOf } from './preferences.ts';
import { type ProjectionPorts, refoldLeaf } from './projectLeaf.ts';
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
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isRace = attempt > 0;
    const customer = await readFolded(ports, leaf);
    if (customer === 'alone') return 'alone';
    if (customer === 'changing') continue;
    const outcome = await foldLeaves(ports, customer, { ...news, isDoubtful: news.isDoubtful || isRace });
    if (outcome !== 'lost') return outcome;
  }
  throw new Error('a customer is being written by somebody else all the time');
}

/** What is folded of a leaf's customer. The root comes last: by then nothing had been written for a later tree. */
async function readFolded(
  { customers, identities }: CustomerFoldPorts,
  leaf: Leaf,
): Promise<Customer | 'alone' | 'changing'> {
  const { members, root } = await identities.find(leaf);
  const readState = async (one: Leaf): Promise<MemberState> => {
    return { leaf: one, ...(await customers.readState(one, { consistent: true })) };
  };
  const others = await Promise.all(members.flatMap((one) => (one.leaf === root ? [] : [readState(one.leaf)])));
  const rootState = await readState(root);
  const node = nodeAmong(rootState);
  if (node?.kind === 'member') return 'changing';
  const leaves = membersOf(root, node);
  if (node === undefined || leaves.length < 2) return 'alone';
  const states = [rootState, ...others];
  const isSame = leaves.length === states.length && states.every((state) => leaves.includes(state.leaf));
  return isSame ? { root, epoch: node.epoch, leaves, rootState, states } : 'changing';
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
  /** Of all leaves, none read after the root's. */
  states: readonly MemberState[];
}

interface MemberState extends LeafState {
  leaf: Leaf;
}

/** `lost` where somebody else has written meanwhile. */
async function foldLeaves(
  ports: CustomerFoldPorts,
  { root, epoch, leaves, rootState, states }: Customer,
  news: CustomerNews,
): Promise<'current' | 'folded' | 'lost'> {
  const { customers, conversations, timeline } = ports;
  const head = mergeMemberHeads(states.flatMap(({ leaf, head }): MemberHead[] => (head ? [{ leaf, head }] : [])));
  if (head === undefined) return 'current';
  const members = states.map(({ leaf, head, version }) => ({ leaf, version, messages: messageCount(head) }));

  const before = rootState.customer;
  const isFromMessages = news.isDoubtful || !before || mayConcernMessages(before.fold, { epoch, members }, news);
  const story = news.isWhole ? await readStory(timeline, leaves) : undefined;
  const cards = await projectConversations(conversations, {
    customerId: root,
    tree: treeUnchanged(root, epoch),
    name: nameOf(head.preferences),
    cards: states.flatMap(({ others }) => leafCards(others)),
    fresh: story ?? { messages: [], commands: [] },
    readStory: async () => story ?? readStory(timeline, leaves),
    from: isFromMessages ? 'messages' : 'cards',
    ...(news.isWhole ? { isWhole: true } : {}),
    isNewTree: before?.fold.epoch !== epoch,
  });
  if (cards === undefined) return 'lost';

  const fold: CustomerFold = { epoch, members, head, cards: cards.sort(byLastArrival) };
  const isCurrent = before !== undefined && isSameFold(before.fold, fold);
  if (!isCurrent && !(await customers.writeCustomer(root, fold, before?.version ?? 0))) {
    return 'lost';
  }
  return isCurrent ? 'current' : 'folded';
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

function isSameFold(one: CustomerFold, other: CustomerFold): boolean {
  const [first, second] = [encodeCustomer(one), encodeCustomer(other)];
  return (
    first.epoch === second.epoch &&
    Buffer.compare(first.head, second.head) === 0 &&
    Buffer.compare(first.content, second.content) === 0
  );
}
