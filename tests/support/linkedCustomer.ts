import { createDecideFollowUps } from '../../functions/decide-follow-ups/handler.ts';
import type { AnswerCommand } from '../../shared/answer/answerCommand.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { FollowUpCommand } from '../../shared/follow-up/followUpCommand.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import type { FailedChange, ItemChange } from '../../shared/platform/stream.ts';
import type { Item, Table } from '../../shared/platform/table.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';
import { createProjection, type Projection } from './projection.ts';

export interface CustomerProjection extends Projection {
  /** Changes of heads and identity nodes that the stream has not told yet, in order. */
  untold: ItemChange[];
  /** Facts of identity that the stream has not told yet. */
  facts: Interaction[];
  /** What was put into the queue of follow-ups. */
  enqueued: Partial<FollowUpCommand & AnswerCommand>[];
  /** Gives the consumer one batch of the stream. */
  decide(changes: ItemChange[]): Promise<FailedChange[]>;
  /** Tells the facts and everything that is untold, until nothing is. Throws where the consumer reports a failure. */
  settle(): Promise<void>;
  /** Links two leaves, on what was received at a time: nine o'clock on 2 March 2026 unless another is given. */
  link(a: Member, b: Member, statedAtMs?: number): Promise<void>;
  /** Takes a leaf out of a customer, and what hangs on it alone, at a time. */
  unlink(leaf: Member, from: Member, statedAtMs: number): Promise<void>;
}

/**
 * Both stream consumers with their real stores on a table. Several on the same table see each other's writes, but each
 * is told of its own only unless they share `untold`.
 */
export function createCustomerProjection(table: Table, untold: ItemChange[] = []): CustomerProjection {
  const facts: Interaction[] = [];
  const projection = createProjection(streamingTable(table, untold, facts));
  const enqueued: CustomerProjection['enqueued'] = [];
  const { identities, customers, conversations, timeline, counted } = projection;
  const noop = () => undefined;
  const log = { info: noop, warn: noop, error: noop, count: (metric: string) => void counted.push(metric) };
  const decide = createDecideFollowUps({
    identities,
    customers,
    conversations,
    timeline,
    log,
    followUps: { enqueue: async (commands) => void enqueued.push(...commands.map(({ command }) => command)) },
  });
  return {
    ...projection,
    untold,
    facts,
    enqueued,
    decide,
    async settle() {
      while (untold.length > 0 || facts.length > 0) {
        const [failed] = [...(await projection.deliver(facts.splice(0))), ...(await decide(untold.splice(0)))];
        if (failed) throw new Error('a customer could not be folded', { cause: failed.error });
      }
    },
    async link(a, b, statedAtMs = Date.UTC(2026, 2, 2, 9)) {
      const evidence = `${a.leaf}.E0mhp3k2qf.AAAAAAAAAAAAAAAA`;
      await identities.link({
        a,
        b,
        trust: 'asserted',
        evidence,
        reason: 'stated-by-server',
        statedBy: 'practice-server',
        statedAtMs,
      });
    },
    async unlink(leaf, from, statedAtMs) {
      const evidence = `request-${leaf.leaf}-${from.leaf}-${statedAtMs}`;
      await identities.unlink({ leaf, from, evidence, statedBy: 'reception', statedAtMs });
    },
  };
}

/** A table that tells of the heads, nodes and facts that are written, as the filtered stream would. */
function streamingTable(table: Table, untold: ItemChange[], facts: Interaction[]): Table {
  let numbers = 0;
  const tell = (item: Item) => {
    const interaction = fromInteractionItem(item);
    if (interaction?.source === 'platform') facts.push(interaction);
    if (item.sk !== '~h' && !item.sk.startsWith('~i')) return;
    untold.push({ sequenceNumber: `${2000 + numbers++}`, newImage: item, oldImage: undefined });
  };
  return {
    ...table,
    async put(item, condition) {
      const outcome = await table.put(item, condition);
      if (outcome.stored) tell(item);
      return outcome;
    },
    async transact(operations) {
      const outcome = await table.transact(operations);
      if (outcome.stored) for (const operation of operations) if ('put' in operation) tell(operation.put);
      return outcome;
    },
  };
}
