import type { IdentifierType } from '../contracts/identifier.ts';
import { type CustomerView, readCustomer } from '../customer/readCustomer.ts';
import type { LeafOf } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { SearchPorts } from './searchCustomers.ts';

export type FindPorts = Omit<SearchPorts, 'search'> & { leafOf: LeafOf; parsePhone: ParsePhone };

/**
 * Whom an identifier may mean: first the customer who has it, last whoever merely claimed it, each customer once. A
 * number is understood however it is spelt.
 */
export async function findCustomers(
  ports: FindPorts,
  { type, value }: { type: IdentifierType; value: string },
): Promise<CustomerView[]> {
  const spelt = type === 'phone' ? (ports.parsePhone(value) ?? value) : value;
  const owner = { type, value: spelt };
  const leaves = [ports.leafOf(owner), ports.leafOf({ ...owner, claimed: true })];
  const views = await Promise.all(leaves.map((leaf) => readCustomer(ports, leaf)));
  return distinctCustomers(views);
}

/** Each customer once, in the order in which they come first. */
export function distinctCustomers(views: readonly (CustomerView | undefined)[]): CustomerView[] {
  const distinct = new Map<string, CustomerView>();
  for (const view of views) if (view && !distinct.has(view.customerId)) distinct.set(view.customerId, view);
  return [...distinct.values()];
}
