import type { LookupAnswer } from '../contracts/lookup.ts';
import { nameOf, preferencesShown } from '../customer/preferences.ts';
import { type CustomerView, openCards } from '../customer/readCustomer.ts';

/** What call-center software is told about the customers that were found, and whether they are all there may be. */
export function lookupAnswerOf(
  found: readonly CustomerView[],
  publicUrl: string,
  { isCertain }: { isCertain: boolean },
): LookupAnswer {
  const [view, ...others] = found;
  if (view === undefined) return { match: 'none' };
  if (others.length > 0 || !isCertain) return { match: 'many', candidates: found.map(candidateOf) };
  const { timeZone: _timeZone, ...preferences } = preferencesShown(view.head.preferences);
  const { company } = view.head.preferences;
  return {
    match: 'one',
    customerId: view.customerId,
    ...preferences,
    ...(company && { company: company.value }),
    ...openConversationIn(view),
    lastInteractionAt: new Date(view.head.lastSeenMs).toISOString(),
    url: `${publicUrl}/console/customer?customerId=${view.customerId}`,
  };
}

function candidateOf({ customerId, head }: CustomerView): { customerId: string; name?: string } {
  const name = nameOf(head.preferences);
  return { customerId, ...(name === undefined ? {} : { name }) };
}

function openConversationIn(view: CustomerView): Pick<LookupAnswer, 'openConversation'> {
  const [latest] = openCards(view);
  if (latest === undefined) return {};
  const { conversationId, endedWith, owes } = latest;
  return { openConversation: { conversationId, endedWith, owes } };
}
