import type { Customer } from '../../shared/contracts/customer.ts';
import { element } from './element.ts';
import { identifierName } from './identifiers.ts';

/** Customers among whom a person chooses. */
export function customerList(customers: readonly Customer[]): HTMLElement[] {
  return customers.map(({ customerId, identifiers, name }) =>
    element(
      'li',
      {},
      element(
        'a',
        { class: 'card', href: `/console/customer?customerId=${encodeURIComponent(customerId)}` },
        element('strong', {}, name ?? 'Unknown'),
        element(
          'span',
          { class: 'small quiet' },
          identifiers
            .slice(0, 3)
            .map(({ trust, type, value }) =>
              type === 'anonymousId' ? identifierName(type) : `${value}${trust === 'claimed' ? ' (only claimed)' : ''}`,
            )
            .join(', '),
        ),
      ),
    ),
  );
}
