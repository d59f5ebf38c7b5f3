import type { Customer } from '../contracts/customer.ts';
import { nameOf } from './preferences.ts';
import type { CustomerView } from './readCustomer.ts';

/** A customer as a search lists them. */
export function customerOf({ customerId, head }: CustomerView): Customer {
  const name = nameOf(head.preferences);
  return { customerId, ...(name === undefined ? {} : { name }), identifiers: head.identifiers };
}
