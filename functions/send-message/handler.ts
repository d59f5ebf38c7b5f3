import { answerCommandSchema } from '../../shared/answer/answerCommand.ts';
import { type MailAnswerPorts, mailAnswer } from '../../shared/answer/mailAnswer.ts';
import type { SendOutcome } from '../../shared/follow-up/claimAndSend.ts';
import { followUpCommandSchema } from '../../shared/follow-up/followUpCommand.ts';
import { type SendFollowUpPorts, sendFollowUp } from '../../shared/follow-up/sendFollowUp.ts';
import type { Log } from '../../shared/platform/log.ts';
import { eachMessage, type FailedMessage, type QueueMessage, TryAgainLater } from '../../shared/platform/queue.ts';

export type SendMessagePorts = Omit<SendFollowUpPorts, 'tokens'> &
  Omit<MailAnswerPorts, 'tokens'> & {
    unsubscribeTokens: SendFollowUpPorts['tokens'];
    tokens: MailAnswerPorts['tokens'];
    log: Log;
  };

/** Sends what is due, or records why not. What cannot be settled yet comes again; what is no command goes to the dead letters. */
export function createSendMessage({
  log,
  unsubscribeTokens,
  ...ports
}: SendMessagePorts): (messages: QueueMessage[]) => Promise<FailedMessage[]> {
  async function carryOut(body: string): Promise<{ outcome: SendOutcome; facts: Record<string, string> }> {
    const content: unknown = JSON.parse(body);
    const answer = answerCommandSchema.safeParse(content);
    if (answer.success) return { outcome: await mailAnswer(ports, answer.data), facts: { ...answer.data } };
    const command = followUpCommandSchema.parse(content);
    const { customerId: _customerId, ...facts } = command;
    return { outcome: await sendFollowUp({ ...ports, tokens: unsubscribeTokens }, command), facts };
  }

  return (messages) =>
    eachMessage(messages, async ({ body }) => {
      const { facts, outcome } = await carryOut(body);
      switch (outcome.kind) {
        case 'sent':
          return log.count('FollowUpsSent');
        case 'suppressed':
          log.info('mail suppressed', { ...facts, reason: outcome.reason });
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
