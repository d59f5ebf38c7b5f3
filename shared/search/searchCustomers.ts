import type { Customers } from '../customer/customers.ts';
import { nameOf } from '../customer/preferences.ts';
import { type CustomerView, readCustomer } from '../customer/readCustomer.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { SearchIndex } from './searchIndex.ts';
import { isNamed, type SearchQuery } from './searchTerms.ts';

export interface SearchPorts {
  search: SearchIndex;
  customers: Pick<Customers, 'readState'>;
  timeline: Pick<Timeline, 'readRange'>;
}

/** What was found: each customer once, whom we saw last first. `more` where there may be others. */
export interface Found {
  customers: CustomerView[];
  more: boolean;
}

/** Leaves that one search looks at. */
const consideredLeaves = 50;

/**
 * The customers who are called so, or reached by a number that ends so, by what is known of them now: one query of the
 * index for each term, then one read of a customer for each leaf that it leads to.
 */
export async function searchCustomers(ports: SearchPorts, query: SearchQuery): Promise<Found> {
  const lists = await Promise.all(query.terms.map((term) => ports.search.find(term, consideredLeaves)));
  const leaves = [...new Set(lists.flatMap((list) => list.leaves))];
  const views = await Promise.all(leaves.map((leaf) => readCustomer(ports, leaf)));
  const found = new Map<string, CustomerView>();
  for (const view of views) if (view && answers(view, query)) found.set(view.customerId, view);
  const customers = [...found.values()].sort((one, other) => other.head.lastSeenMs - one.head.lastSeenMs);
  return { customers, more: lists.some((list) => list.more) };
}

/** The numbers of a customer that end with these digits. */
export function numbersEnding({ head }: Pick<CustomerView, 'head'>, digits: string) {
  return head.identifiers.filter(({ type, value }) => type === 'phone' && value.endsWith(digits));
}

function answers(view: CustomerView, query: SearchQuery): boolean {
  if (query.kind === 'number') return numbersEnding(view, query.digits).length > 0;
  return isNamed(nameOf(view.head.preferences), query.words);
}
