import { answerCommandSchema } from '../../shared/answer/answerCommand.ts';
import { type MailAnswerPorts, mailAnswer } from '../../shared/answer/mailAnswer.ts';
import type { SendOutcome } from '../../shared/follow-up/claimAndSend.ts';
import { followUpCommandSchema } from '../../shared/follow-up/followUpCommand.ts';
import { type SendFollowUpPorts, sendFollowUp } from '../../shared/follow-up/sendFollowUp.ts';
import type { Log, LogFacts } from '../../shared/platform/log.ts';
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
  async function carryOut({ body, messageId }: QueueMessage): Promise<{ outcome: SendOutcome; facts: LogFacts }> {
    const content: unknown = JSON.parse(body);
    const answer = answerCommandSchema.safeParse(content);
    const command = answer.success ? answer.data : followUpCommandSchema.parse(content);
    const { customerId: _customerId, ...facts } = { customerId: undefined, ...command };
    // Should it fail, the log names the message alone.
    log.info('send due', { messageId, ...facts });
    const outcome =
      'answer' in command
        ? await mailAnswer(ports, command)
        : await sendFollowUp({ ...ports, tokens: unsubscribeTokens }, command);
    return { outcome, facts };
  }

  return (messages) =>
    eachMessage(messages, async (message) => {
      const { facts, outcome } = await carryOut(message);
      switch (outcome.kind) {
        case 'sent':
          log.info('mail sent', facts);
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
