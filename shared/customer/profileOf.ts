import type { Profile } from '../contracts/customer.ts';
import { customerOf } from './customerOf.ts';
import { preferencesShown } from './preferences.ts';
import type { CustomerView } from './readCustomer.ts';

/** A customer's profile: who, since when, how often, worth what. Records and lists stand in alphabetical order. */
export function profileOf(view: CustomerView): Profile {
  const { head } = view;
  return {
    ...customerOf(view),
    ...preferencesShown(head.preferences),
    firstSeenAt: new Date(head.firstSeenMs).toISOString(),
    lastSeenAt: new Date(head.lastSeenMs).toISOString(),
    interactions: {
      total: Object.values(head.byType).reduce((sum, count) => sum + count, 0),
      byType: sorted(head.byType),
      byChannel: sorted(head.byChannel),
    },
    money: Object.entries(head.money)
      .map(([currency, sum]) => ({ currency, ...sum }))
      .sort((one, other) => (one.currency < other.currency ? -1 : 1)),
  };
}

function sorted(counts: Partial<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts)
      .flatMap(([name, count]): [string, number][] => (count === undefined ? [] : [[name, count]]))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
