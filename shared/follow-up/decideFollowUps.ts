import { unreadAfterMs } from '../answer/answerCommand.ts';
import { answerTrigger, unreadTrigger } from '../answer/isAnswer.ts';
import type { DueCommand } from './followUpQueue.ts';
import { playbooks } from './playbooks.ts';

/** What a customer's new interactions may cause. */
export interface FollowUpView {
  /** Any leaf of the customer. */
  customerId: string;
  /** The playbook-relevant ones among the interactions that were folded. */
  triggers: readonly { id: string; type: string }[];
}

/**
 * What is due because of the triggers: steps of playbooks, and answers that may have to be mailed, those in the widget
 * after a while. It says only what might be sent; whether it is decided where it is sent. The same triggers give the
 * same commands, and a command that comes twice is sent once.
 */
export function decideFollowUps({ customerId, triggers }: FollowUpView): DueCommand[] {
  return triggers.flatMap(({ id, type }): DueCommand[] => {
    if (type === answerTrigger) return [{ command: { answer: id } }];
    if (type === unreadTrigger) return [{ command: { answer: id }, delayMs: unreadAfterMs }];
    return playbooks
      .filter(({ trigger }) => trigger === type)
      .map(({ name, step }) => ({ command: { playbook: name, step, occasion: id, customerId } }));
  });
}
