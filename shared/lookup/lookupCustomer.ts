import type { LookupAnswer, LookupQuery } from '../contracts/lookup.ts';
import type { Customers } from '../customer/customers.ts';
import { type CustomerView, readCustomer } from '../customer/readCustomer.ts';
import type { LeafOf } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { lookupAnswerOf } from './lookupAnswerOf.ts';
import { soughtOwners } from './soughtOwners.ts';

export interface LookupPorts {
  customers: Pick<Customers, 'readState'>;
  timeline: Timeline;
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  /** Where people reach the console, without a slash at its end. */
  publicUrl: string;
}

/** Who calls: one read of a customer for each identifier that is given. */
export async function lookupCustomer(ports: LookupPorts, query: LookupQuery): Promise<LookupAnswer> {
  const leaves = new Set(soughtOwners(query, ports.parsePhone).map(ports.leafOf));
  const found = await Promise.all([...leaves].map((leaf) => readCustomer(ports, leaf)));
  const byId = new Map<string, CustomerView>();
  for (const view of found) if (view !== undefined) byId.set(view.customerId, view);
  return lookupAnswerOf([...byId.values()], ports.publicUrl);
}
