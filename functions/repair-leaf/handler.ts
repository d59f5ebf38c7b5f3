import type { Log } from '../../shared/platform/log.ts';
import { eachMessage, type FailedMessage, type QueueMessage } from '../../shared/platform/queue.ts';
import { type RepairPorts, repairLeaf } from '../../shared/repair/repairLeaf.ts';
import { type RepairQueue, repairCommandSchema } from '../../shared/repair/repairQueue.ts';

/** Over about two hours; what fails then is a dead letter. The leaf stays on the list. */
const mostAttempts = 12;

/** Repairs parked leaves, each again later and later while it fails. */
export function createRepairLeaf({
  log,
  repairs,
  ...ports
}: RepairPorts & { repairs: RepairQueue; log: Log }): (messages: QueueMessage[]) => Promise<FailedMessage[]> {
  return (messages) =>
    eachMessage(messages, async ({ body }) => {
      const { leaf, attempt } = repairCommandSchema.parse(JSON.parse(body));
      const outcome = await repairLeaf(ports, leaf);
      switch (outcome.kind) {
        case 'sound':
          return;
        case 'repaired':
          return log.info('leaf repaired', { leaf, attempt });
        case 'failed':
          log.error('leaf not repaired', outcome.error, { leaf, attempt });
          if (attempt >= mostAttempts) throw outcome.error;
          return repairs.enqueue({ leaf, attempt: attempt + 1 });
      }
    });
}
