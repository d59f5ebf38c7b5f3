import type { Interaction } from '../contracts/interaction.ts';
import type { HistoryPage } from '../contracts/widget.ts';
import { leafOfMessage } from '../conversation/conversationKeys.ts';
import type { ReadMarks } from '../conversation/readMarks.ts';
import { messageFrom } from '../conversation/readMessages.ts';
import { sideOf } from '../conversation/sideOf.ts';
import type { Customers } from '../customer/customers.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { PlatformError } from '../platform/errors.ts';
import { readTimeline } from '../timeline/readTimeline.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { reachOf } from './reachOf.ts';
import type { Visitor } from './sessionToken.ts';
import { sidesOf } from './sidesOf.ts';

export interface HistoryPorts {
  customers: Pick<Customers, 'readNode'>;
  timeline: Pick<Timeline, 'readRange' | 'readByIds'>;
  readMarks: Pick<ReadMarks, 'markRead'>;
  leafOf: LeafOf;
}

/**
 * What a visitor may read of all conversations, newest first: their own words over every channel that is proven to be
 * theirs, our answers to them, and answers that were mailed to their mailbox. Throws `invalid-request` with the path
 * `before` for what is no `next` of an earlier page.
 */
export async function listHistory(
  ports: HistoryPorts,
  { before, limit, visitor }: { visitor: Visitor; before?: string | undefined; limit: number },
): Promise<HistoryPage> {
  const reach = await reachOf(ports, visitor);
  const kinds = ['message', 'answer'];
  const page = await readTimeline(ports.timeline, { leaves: [...reach], limit, before, kinds });
  if (page === undefined) {
    throw new PlatformError('invalid-request', 'The cursor is not valid.', {
      issues: [{ path: 'before', message: 'expected the `next` of an earlier answer' }],
    });
  }
  const mailed = await ports.timeline.readByIds(page.interactions.flatMap((one) => mailedElsewhere(one, reach)));
  const byId = new Map(mailed.map((message) => [message.id, message]));
  const found = page.interactions.flatMap((one): Interaction[] => {
    if (one.type === 'answer.mailed') return mailedElsewhere(one, reach).flatMap((id) => byId.get(id) ?? []);
    const side = one.type.startsWith('message.') ? sideOf(one, ports.leafOf) : undefined;
    return side !== undefined && reach.has(side) ? [one] : [];
  });
  await markRead(ports, visitor, found);
  return {
    messages: found.map((message) => ({
      ...messageFrom(message),
      ...(message.conversationId === undefined ? {} : { conversationId: message.conversationId }),
    })),
    next: page.next,
  };
}

/** Answers that a mail brought to a mailbox of the visitor's and that lie where they cannot look. */
function mailedElsewhere({ properties, type }: Interaction, reach: ReadonlySet<Leaf>): string[] {
  if (type !== 'answer.mailed' || !Array.isArray(properties.answers)) return [];
  const ids = properties.answers.filter((id) => typeof id === 'string');
  return ids.filter((id) => !reach.has(leafOfMessage(id) ?? ''));
}

async function markRead({ leafOf, readMarks }: HistoryPorts, visitor: Visitor, shown: readonly Interaction[]) {
  const { browser, person = browser } = sidesOf(leafOf, visitor);
  const latest = new Map<string, number>();
  for (const { conversationId, direction, receivedAt } of shown) {
    if (conversationId === undefined || direction !== 'outbound') continue;
    latest.set(conversationId, Math.max(latest.get(conversationId) ?? 0, Date.parse(receivedAt)));
  }
  await Promise.all([...latest].map(([conversationId, atMs]) => readMarks.markRead(conversationId, person, atMs)));
}
