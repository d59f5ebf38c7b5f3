import { personOf } from '../conversation/sideOf.ts';
import type { Customers } from '../customer/customers.ts';
import { type CustomerView, readCustomer } from '../customer/readCustomer.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type AnswerAddress, addressesNear } from './addressesNear.ts';

export interface FindAddressPorts {
  customers: Pick<Customers, 'readState' | 'readNode'>;
  timeline: Pick<Timeline, 'readRange'>;
  leafOf: LeafOf;
}

/** The customer's addresses, the best first; see `addressesNear`. */
export async function findAddresses(
  ports: FindAddressPorts,
  start: Leaf,
): Promise<{ view: CustomerView | undefined; addresses: AnswerAddress[] }> {
  const view = await readCustomer(ports, start);
  if (view === undefined) return { view, addresses: [] };
  const node = view.leaves.length > 1 ? await ports.customers.readNode(view.customerId) : undefined;
  const edges = node?.kind === 'root' ? node.edges : [];
  return { view, addresses: addressesNear(start, { edges, identifiers: view.head.identifiers, leafOf: ports.leafOf }) };
}

const searchedInteractions = 100;

/**
 * The address that a visitor last typed into the chat, though nothing says that it is theirs: good for what they asked
 * there, and nothing else. What another person typed in the same browser is not theirs.
 */
export async function claimedAddress(
  { timeline, leafOf }: FindAddressPorts,
  { browser, person }: { browser: Leaf; person: Leaf | undefined },
): Promise<AnswerAddress | undefined> {
  const { interactions } = await timeline.readRange({ leaf: browser, keyClass: 'E', limit: searchedInteractions });
  for (const interaction of interactions) {
    if (interaction.touchpoint !== 'widget' || personOf(interaction, leafOf) !== person) continue;
    const email = interaction.identifiers.find(({ type }) => type === 'email');
    if (email) return { value: email.value, leaf: leafOf(email) };
  }
  return undefined;
}
