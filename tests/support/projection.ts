import { createProjectTimeline } from '../../functions/project-timeline/handler.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import type { Conversations, ConversationWriter } from '../../shared/conversation/conversations.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import type { Identities } from '../../shared/identity/identities.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import type { FailedChange, ItemChange } from '../../shared/platform/stream.ts';
import { type Item, isNew, type Table } from '../../shared/platform/table.ts';
import { toInteractionItem } from '../../shared/timeline/interactionItem.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { readInteractionId } from '../../shared/timeline/timelineKeys.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';

/** Leaves as one deployment computes them. */
export const testLeafOf = createLeafOf(Buffer.alloc(32, 'a pepper of the tests'));

export interface Projection {
  customers: Customers;
  conversations: Conversations & ConversationWriter;
  timeline: Timeline;
  identities: Identities;
  /** Counted metrics since the start. */
  counted: string[];
  /** Stores interactions as the channels do. */
  store(interactions: readonly Interaction[]): Promise<void>;
  /** Gives the consumer one batch of the stream that tells of these interactions. */
  deliver(interactions: readonly Interaction[]): Promise<FailedChange[]>;
  consume(changes: ItemChange[]): Promise<FailedChange[]>;
}

/** The real consumer with the real stores on a table. */
export function createProjection(table: Table): Projection {
  const timeline = createTimelineStore(table);
  const customers = createCustomerStore(table);
  const conversations = createConversationStore(table, timeline);
  const counted: string[] = [];
  const log = { info: noop, warn: noop, error: noop, count: (metric: string) => void counted.push(metric) };
  const identities = createIdentityStore(table);
  const consume = createProjectTimeline({
    customers,
    conversations,
    timeline,
    identities,
    leafOf: testLeafOf,
    log,
  });
  return {
    customers,
    conversations,
    timeline,
    identities,
    counted,
    consume,
    async store(interactions) {
      for (const interaction of interactions) await table.put(itemOf(interaction), isNew);
    },
    deliver: (interactions) => consume(interactions.map(changeOf)),
  };
}

/** What the stream tells of a new interaction; its number is its place in the batch. */
export function changeOf(interaction: Interaction, index: number): ItemChange {
  return { sequenceNumber: `${1000 + index}`, newImage: itemOf(interaction), oldImage: undefined };
}

export function itemOf(interaction: Interaction): Item {
  const key = readInteractionId(interaction.id);
  if (key === undefined) throw new Error('an interaction has a malformed id');
  return toInteractionItem(key, interaction);
}

/** A table whose writes fail from the n-th on, as if the process had ended there. */
export function failingTable(table: Table, failAt: number): Table & { failed: () => boolean } {
  let writes = 0;
  let failed = false;
  const guarded =
    <Arguments extends unknown[], Result>(write: (...parameters: Arguments) => Promise<Result>) =>
    async (...parameters: Arguments): Promise<Result> => {
      if (++writes >= failAt) {
        failed = true;
        throw new Error('the process ended here');
      }
      return write(...parameters);
    };
  return {
    ...table,
    put: guarded(table.put),
    update: guarded(table.update),
    transact: guarded(table.transact),
    failed: () => failed,
  };
}

function noop(): void {}
