import type { Interaction } from '../contracts/interaction.ts';
import { contextOf } from '../customer/contextOf.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Timeline } from '../timeline/timeline.ts';

/**
 * Whether the customer has reached us by phone or been answered by a person since the occasion, as far as the last ten
 * interactions tell. What the platform sent by itself is no answer.
 */
export async function isSuperseded(
  timeline: Pick<Timeline, 'readByIds'>,
  view: CustomerView,
  occasion: Pick<Interaction, 'occurredAt'>,
): Promise<boolean> {
  const since = contextOf(view).interactions.filter(({ at }) => at > occasion.occurredAt);
  if (since.some(({ type }) => type === 'call.answered')) return true;
  const sent = since.filter(({ type }) => type === 'message.sent').map(({ id }) => id);
  const answers = sent.length > 0 ? await timeline.readByIds(sent) : [];
  return answers.some(({ properties }) => properties.automatic !== true);
}
