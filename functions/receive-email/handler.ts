import { readMailNotification } from '../../shared/mail/mailNotification.ts';
import { type ReceiveMailPorts, receiveMail } from '../../shared/mail/receiveMail.ts';
import type { Log } from '../../shared/platform/log.ts';
import { eachMessage, type FailedMessage, type QueueMessage } from '../../shared/platform/queue.ts';

/** Takes in the mails that SES announced. What is no announcement fails, and goes to the dead letters in the end. */
export function createReceiveEmail(
  ports: ReceiveMailPorts & { log: Log },
): (messages: QueueMessage[]) => Promise<FailedMessage[]> {
  return (messages) =>
    eachMessage(messages, async ({ body }) => {
      const appended = await receiveMail(ports, readMailNotification(body));
      const duplicates = appended.filter(({ duplicate }) => duplicate).length;
      if (appended.length > duplicates) ports.log.count('InteractionsStored', appended.length - duplicates);
      if (duplicates > 0) ports.log.count('InteractionsDuplicated', duplicates);
    });
}
