import { followUpCommandSchema } from '../../shared/follow-up/followUpCommand.ts';
import { type SendFollowUpPorts, sendFollowUp } from '../../shared/follow-up/sendFollowUp.ts';
import type { Log } from '../../shared/platform/log.ts';
import { eachMessage, type FailedMessage, type QueueMessage, TryAgainLater } from '../../shared/platform/queue.ts';

/** Sends what is due, or records why not. What cannot be settled yet comes again; what is no command goes to the dead letters. */
export function createSendMessage({
  log,
  ...ports
}: SendFollowUpPorts & { log: Log }): (messages: QueueMessage[]) => Promise<FailedMessage[]> {
  return (messages) =>
    eachMessage(messages, async ({ body }) => {
      const command = followUpCommandSchema.parse(JSON.parse(body));
      const facts = { playbook: command.playbook, step: command.step, occasion: command.occasion };
      const outcome = await sendFollowUp(ports, command);
      switch (outcome.kind) {
        case 'sent':
          return log.count('FollowUpsSent');
        case 'suppressed':
          log.info('follow-up suppressed', { ...facts, reason: outcome.reason });
          return log.count('FollowUpsSuppressed');
        case 'settled':
          return;
        case 'refused':
          log.warn('the mail service took nothing', { ...facts, code: outcome.code });
          throw new TryAgainLater();
        case 'unclear':
          log.warn('the mail service did not say whether it sent', facts);
          throw new TryAgainLater();
        case 'waiting':
          throw new TryAgainLater();
      }
    });
}
