import type { LookupAnswer, LookupQuery } from '../contracts/lookup.ts';
import { type CustomerView, readCustomer } from '../customer/readCustomer.ts';
import type { LeafOf } from '../identity/leaf.ts';
import { isWithheld, type ParsePhone } from '../identity/parsePhone.ts';
import { distinctCustomers } from '../search/findCustomers.ts';
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
 * Who calls: one read of a customer for each identifier that is given. Of what may be the last digits of
 * a number, also whoever has one that ends so; where that leaves a doubt, the answer is `many`.
 */
export async function lookupCustomer(ports: LookupPorts, query: LookupQuery): Promise<LookupAnswer> {
  const leaves = new Set(soughtOwners(query, ports.parsePhone).map(ports.leafOf));
  const ending = numberEnding(query.number);
  const [named, ended] = await Promise.all([
    Promise.all([...leaves].map((leaf) => readCustomer(ports, leaf))),
    ending && readEnding(ports, ending),
  ]);
  const found = distinctCustomers([...named, ...(ended?.customers ?? [])]);
  return lookupAnswerOf(found, ports.publicUrl, { isCertain: !ended?.more });
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
