import type { CustomerContext, Purchase } from '../contracts/customer.ts';
import { conversationSummaryOf } from '../conversation/conversationSummaryOf.ts';
import { type ConsentRecord, consentOf, purposesIn } from '../follow-up/consentOf.ts';
import { idOfOrder, orderTimeMs } from './interactionOrder.ts';
import { preferencesShown } from './preferences.ts';
import type { HeadPurchase } from './purchase.ts';
import { type CustomerView, openCards } from './readCustomer.ts';
import { summarise } from './summarise.ts';

/** What the person who answers needs at a glance. Lists stand newest first. */
export function contextOf(view: CustomerView): CustomerContext {
  const { customerId, head } = view;
  return {
    summary: summarise(view),
    customer: { customerId, ...preferencesShown(head.preferences), identifiers: head.identifiers },
    conversations: openCards(view).map((card) => {
      const { customerId: _customerId, name: _name, ...conversation } = conversationSummaryOf(card);
      return conversation;
    }),
    interactions: head.shown.map(({ leaf = customerId, order, type, channel, direction, text }) => ({
      id: idOfOrder(leaf, order),
      at: new Date(orderTimeMs(order)).toISOString(),
      type,
      channel,
      direction,
      text,
    })),
    purchases: { last: head.purchases.map(purchaseFrom), favourites: favouritesOf(head.purchases) },
    things: [],
    upcoming: [],
    consent: consentShown(head.consents),
    suggestion: {},
  };
}

/** What holds for each purpose about which anything was decided. */
function consentShown(consents: ConsentRecord): CustomerContext['consent'] {
  return Object.fromEntries(
    purposesIn(consents).flatMap((purpose) => {
      const consent = consentOf([consents], purpose);
      return consent ? [[purpose, { state: consent.state, at: new Date(consent.atMs).toISOString() }]] : [];
    }),
  );
}

function purchaseFrom({ order, ...purchase }: HeadPurchase): Purchase {
  return { at: new Date(orderTimeMs(order)).toISOString(), ...purchase };
}

/** What was bought more than once in the last purchases, most often first. */
function favouritesOf(purchases: readonly HeadPurchase[]): string[] {
  const counts = new Map<string, number>();
  for (const item of purchases.flatMap(({ items }) => [...new Set(items)])) {
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort(([one, often], [other, oftener]) => oftener - often || (one < other ? -1 : 1))
    .map(([item]) => item);
}
