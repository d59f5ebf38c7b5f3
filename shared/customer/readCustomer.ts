import { foldDrafts } from '../conversation/cardDrafts.ts';
import { byLastArrival, type ConversationCard, leafCards } from '../conversation/conversationCard.ts';
import { storyOf } from '../conversation/conversationStory.ts';
import { leavesOf, membersOf } from '../identity/identityNode.ts';
import type { Leaf } from '../identity/leaf.ts';
import { candidatesOf } from '../identity/sharedPhones.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type MemberHead, mergeMemberHeads } from './customerFold.ts';
import type { Customers, LeafState } from './customers.ts';
import { foldHead, type Head } from './head.ts';
import { orderOf } from './interactionOrder.ts';
import { isFoldedAlone, isLinked, nodeAmong } from './leafNode.ts';
import { nameOf } from './preferences.ts';
import { type Ties, tiesOf } from './tiesOf.ts';

/** A customer as the read models know them at one moment. */
export interface CustomerView extends Ties {
  /** The root of the customer's leaves, or the leaf that is alone. */
  customerId: Leaf;
  /** All leaves, the root first; at the end those beyond the limits, which are not folded into it. */
  leaves: Leaf[];
  head: Head;
  /** Conversations that are kept at hand, the one with the latest message first. */
  cards: ConversationCard[];
  /**
   * Everything that is written for the customer was folded for just these leaves. Otherwise cards that lie elsewhere may
   * still tell of leaves that were taken away.
   */
  isCurrent: boolean;
}

export interface ReadCustomerPorts {
  customers: Pick<Customers, 'readState'>;
  timeline: Pick<Timeline, 'readRange'>;
}

const foldedOnTheFly = 100;
/** Pointers that are followed; whoever links makes paths short again. */
const longestPath = 8;

/**
 * A customer by any of their leaves: in one query for a root and a leaf that is alone, else in two. Where nothing is
 * projected yet, the newest 100 interactions of the leaf are folded on the fly, so that who has just arrived is known
 * already; where a link has not been folded yet, the heads of all leaves are. Nothing is shown that was said on a leaf
 * which was taken away since. Undefined for a leaf without interactions.
 */
export async function readCustomer(ports: ReadCustomerPorts, leaf: Leaf): Promise<CustomerView | undefined> {
  return (await readWhose(ports, leaf)).view;
}

/** The same, and for a telephone number that belongs to several people leaves of these, at no further cost. */
export async function readWhose(
  ports: ReadCustomerPorts,
  leaf: Leaf,
): Promise<{ view: CustomerView | undefined; candidates: Leaf[] }> {
  const { root, state } = await readRoot(ports.customers, leaf);
  const node = nodeAmong(state);
  const candidates = node?.kind === 'root' ? candidatesOf(node) : [];
  const view = await viewOf(ports, leaf, { root, state });
  return { view: view && { ...view, ...tiesOf(node) }, candidates };
}

type FoldedView = Omit<CustomerView, keyof Ties>;

async function viewOf(
  ports: ReadCustomerPorts,
  leaf: Leaf,
  { root, state }: { root: Leaf; state: LeafState },
): Promise<FoldedView | undefined> {
  const node = nodeAmong(state);
  const leaves = leavesOf(root, node);
  if (isLinked(root, node)) {
    const view = linkedView(root, leaves, state) ?? (await foldLeaves(ports.customers, root, leaves, state));
    return view ?? foldNewest(ports.timeline, leaf);
  }
  const { head, others } = state;
  if (head === undefined) return foldNewest(ports.timeline, leaf);
  if (isFoldedAlone(state)) {
    return { customerId: root, leaves, head, cards: leafCards(others).sort(byLastArrival), isCurrent: true };
  }
  const newest = await foldNewest(ports.timeline, root);
  return { customerId: root, leaves, head, cards: newest?.cards ?? [], isCurrent: false };
}

/** Conversations that are not resolved, the one with the latest message first. */
export function openCards({ cards }: CustomerView): ConversationCard[] {
  return cards.filter(({ status }) => status !== 'resolved');
}

/** Follows the pointers of a leaf; what they lead to decides whether it is a member. */
async function readRoot(
  customers: ReadCustomerPorts['customers'],
  leaf: Leaf,
): Promise<{ root: Leaf; state: LeafState }> {
  const own = await customers.readState(leaf);
  for (const consistent of [false, true]) {
    let [root, state] = [leaf, own];
    let node = nodeAmong(state);
    for (let hops = 0; node?.kind === 'member' && hops < longestPath; hops++) {
      root = node.parent;
      state = await customers.readState(root, { consistent });
      node = nodeAmong(state);
    }
    if (leavesOf(root, node).includes(leaf)) return { root, state };
  }
  return { root: leaf, state: own };
}

/** As the customer was folded last; undefined where that was before leaves were linked or parted. */
function linkedView(root: Leaf, leaves: Leaf[], { customer, ...state }: LeafState): FoldedView | undefined {
  if (customer?.fold.epoch !== nodeAmong(state)?.epoch) return undefined;
  return (
    customer && { customerId: root, leaves, head: customer.fold.head, cards: customer.fold.cards, isCurrent: true }
  );
}

async function foldLeaves(
  customers: ReadCustomerPorts['customers'],
  root: Leaf,
  leaves: Leaf[],
  rootState: LeafState,
): Promise<FoldedView | undefined> {
  const states = await Promise.all(
    membersOf(root, nodeAmong(rootState)).map(async (leaf) => ({
      leaf,
      ...(leaf === root ? rootState : await customers.readState(leaf)),
    })),
  );
  const head = mergeMemberHeads(states.flatMap(({ leaf, head }): MemberHead[] => (head ? [{ leaf, head }] : [])));
  const cards = ownCards(states).map((card) => ({ ...card, customerId: root }));
  return head && { customerId: root, leaves, head, cards, isCurrent: false };
}

/** Cards that tell of these leaves alone: not those of a customer whose leaves were taken apart since. */
function ownCards(states: readonly (LeafState & { leaf: Leaf })[]): ConversationCard[] {
  const leaves = new Set(states.map(({ leaf }) => leaf));
  const isWhole = ({ customer }: LeafState) => customer?.fold.members.every(({ leaf }) => leaves.has(leaf)) ?? true;
  const writers = new Set(states.filter(isWhole).map(({ leaf }) => leaf));
  return states
    .flatMap(({ others }) => leafCards(others))
    .filter(({ customerId }) => writers.has(customerId))
    .sort(byLastArrival);
}

async function foldNewest(timeline: ReadCustomerPorts['timeline'], leaf: Leaf): Promise<FoldedView | undefined> {
  const ranges = await Promise.all(
    (['E', 'B'] as const).map((keyClass) => timeline.readRange({ leaf, keyClass, limit: foldedOnTheFly })),
  );
  const newest = ranges
    .flatMap(({ interactions }) => interactions)
    .map((interaction) => ({ interaction, order: orderOf(interaction.id) }))
    .sort((one, other) => (one.order < other.order ? 1 : -1))
    .slice(0, foldedOnTheFly)
    .map(({ interaction }) => interaction);
  const fold = foldHead(undefined, newest);
  if (fold.kind !== 'folded') return undefined;
  const name = nameOf(fold.head.preferences);
  const cards = foldDrafts(leaf, storyOf(newest))
    .drafts.sort(byLastArrival)
    .map((draft): ConversationCard => ({ ...draft, ...(name === undefined ? {} : { name }) }));
  return { customerId: leaf, leaves: [leaf], head: fold.head, cards, isCurrent: false };
}
