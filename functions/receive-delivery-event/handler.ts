import { parseDeliveryEvent } from '../../shared/follow-up/deliveryEvent.ts';
import { type ReceiveDeliveryEventPorts, receiveDeliveryEvent } from '../../shared/follow-up/receiveDeliveryEvent.ts';
import type { Log } from '../../shared/platform/log.ts';
import { eachMessage, type FailedMessage, type QueueMessage } from '../../shared/platform/queue.ts';

/** Takes in what became of mails. What is no event of the mail service goes to the dead letters in the end. */
export function createReceiveDeliveryEvent({
  log,
  ...ports
}: ReceiveDeliveryEventPorts & { log: Log }): (messages: QueueMessage[]) => Promise<FailedMessage[]> {
  return (messages) =>
    eachMessage(messages, async ({ body }) => {
      const event = parseDeliveryEvent(body);
      if (event === undefined) return;
      for (const { duplicate } of await receiveDeliveryEvent(ports, event)) {
        log.count(duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');
      }
    });
}
