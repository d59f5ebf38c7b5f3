import type { LookupAnswer, LookupQuery } from '../contracts/lookup.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { isWithheld, type ParsePhone } from '../identity/parsePhone.ts';
import { distinctCustomers, readOwners } from '../search/findCustomers.ts';
import { numbersEnding, type SearchPorts, searchCustomers } from '../search/searchCustomers.ts';
import { type NumberQuery, readNumberQuery } from '../search/searchTerms.ts';
import { lookupAnswerOf } from './lookupAnswerOf.ts';
import { soughtOwners } from './soughtOwners.ts';

export interface LookupPorts extends SearchPorts {
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  /** Where people reach the console, without a slash at its end. */
  publicUrl: string;
}

/** No number of a person has more digits. */
const mostDigits = 15;

/**
 * Who calls: one read of a customer for each identifier that is given, and of each
 * to whom a shared number may belong. Of what may be the last digits of
 * a number, also whoever has one that ends so; where that leaves a doubt, the answer is `many`.
 */
export async function lookupCustomer(ports: LookupPorts, query: LookupQuery): Promise<LookupAnswer> {
  const leaves = new Set(soughtOwners(query, ports.parsePhone).map(ports.leafOf));
  const ending = numberEnding(query.number);
  const [named, ended] = await Promise.all([
    Promise.all([...leaves].map((leaf) => readMeant(ports, leaf))),
    ending && readEnding(ports, ending),
  ]);
  const found = distinctCustomers([...named.flat(), ...(ended?.customers ?? [])]);
  return lookupAnswerOf(found, ports.publicUrl, { isCertain: !ended?.more });
}

/** Whom a leaf means: of a number that belongs to several people all of these, else its customer. */
async function readMeant(ports: LookupPorts, leaf: Leaf): Promise<CustomerView[]> {
  const { candidates, view } = await readOwners(ports, leaf);
  return candidates.length > 0 || view === undefined ? candidates : [view];
}

/** What may be the end of a number only: digits that begin neither as dialled within a country nor as from outside. */
function numberEnding(number = ''): NumberQuery | undefined {
  const query = /^[1-9][\d\s().,/-]*$/.test(number) && !isWithheld(number) ? readNumberQuery(number) : undefined;
  return query && query.digits.length <= mostDigits ? query : undefined;
}

/** A number that somebody merely typed into a website is not theirs. */
async function readEnding(
  ports: LookupPorts,
  query: NumberQuery,
): Promise<{ customers: CustomerView[]; more: boolean }> {
  const { customers, more } = await searchCustomers(ports, query);
  const isTheirs = (view: CustomerView) =>
    numbersEnding(view, query.digits).some(
      ({ trust, value }) => trust !== 'claimed' || view.leaves.includes(ports.leafOf({ type: 'phone', value })),
    );
  return { customers: customers.filter(isTheirs), more };
}
