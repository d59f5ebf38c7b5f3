import { wakeConversation } from '../../shared/conversation/wakeConversation.ts';
import type { DueItem } from '../../shared/due/dueItem.ts';
import type { DueItems } from '../../shared/due/dueItems.ts';
import { sweepDue } from '../../shared/due/sweepDue.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';

export interface SweepDuePorts {
  due: DueItems;
  timeline: Pick<Timeline, 'append'>;
  clock: Clock;
  log: Log;
}

/** Does what is due: so far it brings back conversations that were set aside. */
export function createSweepDue({ clock, due, log, timeline }: SweepDuePorts): () => Promise<void> {
  const carryOut = async (item: DueItem): Promise<void> => {
    switch (item.kind) {
      case 'snooze': {
        const { dueMs, id, message } = item;
        await wakeConversation({ timeline }, { snooze: id, message, untilMs: dueMs, receivedAtMs: clock() });
      }
    }
  };
  return async () => {
    const done = await sweepDue({ due, carryOut, clock, log });
    if (done > 0) log.info('due items done', { done });
  };
}
