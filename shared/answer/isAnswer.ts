import type { Interaction } from '../contracts/interaction.ts';

/** Whether it is what a person of ours wrote to a customer, so that it has to get there. */
export function isAnswer({
  direction,
  properties,
  type,
}: Pick<Interaction, 'type' | 'direction' | 'properties'>): boolean {
  return type === 'message.sent' && direction === 'outbound' && properties.automatic !== true;
}

/** As what an answer stands among the triggers of a head: to be mailed at once, or if it is not read in the widget. */
export const answerTrigger = 'answer';
export const unreadTrigger = 'answer.unread';
