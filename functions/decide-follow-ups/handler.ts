import * as z from 'zod';
import { type CustomerFoldPorts, foldCustomer } from '../../shared/customer/foldCustomer.ts';
import { foldLeafAlone } from '../../shared/customer/projectLeaf.ts';
import { decideFollowUps } from '../../shared/follow-up/decideFollowUps.ts';
import type { DueCommand, FollowUpQueue } from '../../shared/follow-up/followUpQueue.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { UndecodableError } from '../../shared/platform/errors.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { FailedChange, ItemChange } from '../../shared/platform/stream.ts';

/** Customers that are folded at the same time. */
const concurrency = 10;

const headSchema = z.object({
  entity: z.literal('head'),
  version: z.number(),
  triggers: z.array(z.object({ id: z.string(), type: z.string() })).default([]),
});
const nodeSchema = z.object({ entity: z.literal('identity-node') });
const imageSchema = z.discriminatedUnion('entity', [headSchema, nodeSchema]);

type Trigger = z.infer<typeof headSchema>['triggers'][number];

/** What a batch tells of one customer. */
interface CustomerNews {
  root: Leaf;
  /** Of leaves that are folded together. */
  together: LeafNews[];
  /** Of leaves that are folded by themselves. */
  alone: LeafNews[];
}

/** What a batch tells of one leaf. */
interface LeafNews {
  leaf: Leaf;
  /** Of its earliest change. */
  sequenceNumber: string;
  /** Of its latest head. */
  version: number | undefined;
  isDoubtful: boolean;
  /** Whether its place among the leaves has changed. */
  hasMoved: boolean;
  triggers: Trigger[];
  /** A change that cannot be read. */
  fault?: UndecodableError;
}

export interface DecideFollowUpsPorts extends CustomerFoldPorts {
  followUps: FollowUpQueue;
  log: Log;
}

/**
 * The stream consumer of heads and identity nodes: folds each customer who is concerned once per batch, then enqueues
 * the follow-ups that may be due. A customer who fails reports the earliest change of each leaf; the others go on.
 */
export function createDecideFollowUps({ followUps, log, ...ports }: DecideFollowUpsPorts) {
  const fold = async (root: Leaf, news: readonly LeafNews[]): Promise<void> => {
    const heads = new Map(
      news.flatMap(({ leaf, version }) => (version === undefined ? [] : [[leaf, version] as const])),
    );
    const outcome = await foldCustomer(ports, root, { heads, isDoubtful: news.some(({ isDoubtful }) => isDoubtful) });
    if (outcome === 'folded') log.count('CustomersFolded');
  };
  const decide = async ({ root, together, alone }: CustomerNews): Promise<void> => {
    if (together.length > 0) await fold(root, together);
    for (const { leaf, hasMoved } of alone) {
      if (hasMoved && (await foldLeafAlone(ports, leaf)) === 'refolded') log.count('LeavesRefolded');
    }
    const triggers = [...together, ...alone].flatMap((news) => news.triggers);
    const commands = decideFollowUps({ customerId: root, triggers });
    if (commands.length === 0) return;
    await followUps.enqueue(commands);
    log.info('sends enqueued', { customer: root, ids: commands.map(({ command }) => causeOf(command)) });
  };

  return async (changes: ItemChange[]): Promise<FailedChange[]> => {
    const failed: FailedChange[] = [];
    const fail = (news: readonly LeafNews[], error: unknown) =>
      void failed.push(
        ...news.map(({ leaf, sequenceNumber, triggers }) => {
          return { sequenceNumber, error, facts: { leaf, ids: triggers.map(({ id }) => id) } };
        }),
      );

    const customers = new Map<Leaf, CustomerNews>();
    await sideBySide([...newsByLeaf(changes).values()], async (news) => {
      try {
        if (news.fault) throw news.fault;
        const { root, members } = await ports.identities.find(news.leaf);
        const customer = customers.get(root) ?? { root, together: [], alone: [] };
        customers.set(root, customer);
        const isMember = members.length > 1 && members.some(({ leaf }) => leaf === news.leaf);
        (isMember ? customer.together : customer.alone).push(news);
      } catch (error) {
        fail([news], error);
      }
    });
    await sideBySide([...customers.values()], async (customer) => {
      try {
        await decide(customer);
      } catch (error) {
        fail([...customer.together, ...customer.alone], error);
      }
    });
    return failed;
  };
}

/** The interaction because of which something is due. */
function causeOf(command: DueCommand['command']): string {
  return 'answer' in command ? command.answer : command.occasion;
}

function newsByLeaf(changes: readonly ItemChange[]): Map<Leaf, LeafNews> {
  const byLeaf = new Map<Leaf, LeafNews>();
  for (const { newImage, sequenceNumber } of changes) {
    if (newImage?.entity !== 'head' && newImage?.entity !== 'identity-node') continue;
    const { data: image, error } = imageSchema.safeParse(newImage);
    const head = image?.entity === 'head' ? image : undefined;
    const leaf = String(newImage.pk).slice('L#'.length);
    const before = byLeaf.get(leaf);
    byLeaf.set(leaf, {
      ...before,
      ...(error ? { fault: new UndecodableError(String(newImage.sk), error) } : {}),
      leaf,
      sequenceNumber: before?.sequenceNumber ?? sequenceNumber,
      version: head ? Math.max(head.version, before?.version ?? 0) : before?.version,
      // A changed tree may leave messages where nobody looks for them any more.
      isDoubtful: before?.isDoubtful || head === undefined,
      hasMoved: before?.hasMoved || head === undefined,
      triggers: [...(before?.triggers ?? []), ...(head?.triggers ?? [])],
    });
  }
  return byLeaf;
}

async function sideBySide<T>(values: T[], handle: (value: T) => Promise<void>): Promise<void> {
  const work = async () => {
    for (let next = values.shift(); next !== undefined; next = values.shift()) await handle(next);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
