import type { IdentifierType } from '../contracts/identifier.ts';
import { type CustomerView, readCustomer, readWhose } from '../customer/readCustomer.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { SearchPorts } from './searchCustomers.ts';

export type FindPorts = Omit<SearchPorts, 'search'> & { leafOf: LeafOf; parsePhone: ParsePhone };

/**
 * Whom an identifier may mean: first the customer who has it, then, of a number that belongs to several people, these,
 * last whoever merely claimed it; each customer once. A number is understood however it is spelt.
 */
export async function findCustomers(
  ports: FindPorts,
  { type, value }: { type: IdentifierType; value: string },
): Promise<CustomerView[]> {
  const spelt = type === 'phone' ? (ports.parsePhone(value) ?? value) : value;
  const owner = { type, value: spelt };
  const [whose, claiming] = await Promise.all([
    readOwners(ports, ports.leafOf(owner)),
    readCustomer(ports, ports.leafOf({ ...owner, claimed: true })),
  ]);
  return distinctCustomers([whose.view, ...whose.candidates, claiming]);
}

/** The customer of a leaf, and the customers to whom a shared number may belong. */
export async function readOwners(
  ports: Pick<FindPorts, 'customers' | 'timeline'>,
  leaf: Leaf,
): Promise<{ view: CustomerView | undefined; candidates: CustomerView[] }> {
  const { view, candidates } = await readWhose(ports, leaf);
  const views = await Promise.all(candidates.map((candidate) => readCustomer(ports, candidate)));
  return { view, candidates: distinctCustomers(views) };
}

/** Each customer once, in the order in which they come first. */
export function distinctCustomers(views: readonly (CustomerView | undefined)[]): CustomerView[] {
  const distinct = new Map<string, CustomerView>();
  for (const view of views) if (view && !distinct.has(view.customerId)) distinct.set(view.customerId, view);
  return [...distinct.values()];
}
