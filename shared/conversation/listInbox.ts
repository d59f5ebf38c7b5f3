import * as z from 'zod';
import type { ConversationStatus } from '../contracts/conversation.ts';
import type { Item } from '../platform/table.ts';
import { type ConversationCard, readCardItem } from './conversationCard.ts';
import { inboxPartition, inboxShards } from './conversationKeys.ts';
import { invalidCursor, json } from './messageCursor.ts';

/** Where the reading of one shard ended: keys of the last item that was returned. */
const positionSchema = z.object({ pk: z.string(), sk: z.string(), inboxSince: z.string() });
type ShardPosition = z.infer<typeof positionSchema>;
type ShardState = ShardPosition | 'start' | 'end';

const cursorSchema = z.array(z.union([positionSchema, z.literal('start'), z.literal('end')])).length(inboxShards);

/** Items of one shard of the inbox, longest waiting first. */
export type ReadShard = (request: {
  partition: string;
  after: ShardPosition | undefined;
  limit: number;
}) => Promise<{ items: Item[]; more: boolean }>;

/** See `Conversations.listInbox`. */
export async function listInbox(
  readShard: ReadShard,
  { status, limit, after }: { status: ConversationStatus; limit: number; after?: string | undefined },
): Promise<{ conversations: ConversationCard[]; next: string | null }> {
  const states = after === undefined ? Array.from({ length: inboxShards }, () => 'start' as const) : decode(after);
  const shards = await Promise.all(
    states.map(async (state, shard) => {
      if (state === 'end') return { items: [], more: false };
      const position = state === 'start' ? undefined : state;
      return readShard({ partition: inboxPartition(status, shard), after: position, limit });
    }),
  );
  const merged = shards
    .flatMap(({ items }, shard) => items.map((item) => ({ item, shard, position: positionSchema.parse(item) })))
    .sort((one, other) => (rankOf(one.position) < rankOf(other.position) ? -1 : 1));
  const taken = merged.slice(0, limit);
  const next = states.map((state, shard): ShardState => {
    const { items, more } = shards[shard] ?? { items: [], more: false };
    const returned = taken.filter((entry) => entry.shard === shard);
    if (returned.length === items.length && !more) return 'end';
    return returned.at(-1)?.position ?? state;
  });
  return {
    conversations: taken.map(({ item }) => readCardItem(item)),
    next: next.every((state) => state === 'end') ? null : encode(next),
  };
}

function rankOf({ inboxSince, sk }: ShardPosition): string {
  return `${inboxSince}|${sk}`;
}

function encode(states: readonly ShardState[]): string {
  return Buffer.from(JSON.stringify(states)).toString('base64url');
}

function decode(text: string): ShardState[] {
  const cursor = cursorSchema.safeParse(json(Buffer.from(text, 'base64url').toString('utf8')));
  if (!cursor.success) throw invalidCursor();
  return cursor.data;
}
