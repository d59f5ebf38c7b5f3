import type { FollowUpCommand } from './followUpCommand.ts';
import { playbooks } from './playbooks.ts';

/** What a customer's new interactions may cause. */
export interface FollowUpView {
  /** Any leaf of the customer. */
  customerId: string;
  /** The playbook-relevant ones among the interactions that were folded. */
  triggers: readonly { id: string; type: string }[];
}

/**
 * The steps that are due because of the triggers. It says only what might be sent; whether it is decided where it is
 * sent. The same triggers give the same commands, and a command that comes twice is sent once.
 */
export function decideFollowUps({ customerId, triggers }: FollowUpView): FollowUpCommand[] {
  return triggers.flatMap(({ id, type }) =>
    playbooks
      .filter(({ trigger }) => trigger === type)
      .map(({ name, step }) => ({ playbook: name, step, occasion: id, customerId })),
  );
}
