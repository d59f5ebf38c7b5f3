import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Interaction, interactionSchema } from '../contracts/interaction.ts';
import { itemSize } from '../platform/itemSize.ts';
import type { Item } from '../platform/table.ts';
import { interactionId, interactionItemKey, readInteractionItemKey, type TimelineKey } from './timelineKeys.ts';

/** One write unit; beyond it the content is compressed. In bytes. */
const writeUnitBytes = 1024;

/**
 * An interaction as an item. What filters and people look at are attributes; the rest is `content`, JSON text while
 * the item fits one write unit, otherwise deflated JSON. (As maps, free-form properties could break the table's rules
 * for numbers, depth and names.) `conversationId`, `continuity` and `continuityMoves` are added by the projection.
 */
export function toInteractionItem(key: TimelineKey, interaction: Interaction): Item {
  const { id: _id, occurredAt: _occurredAt, type, receivedAt, conversationId, continuity, ...rest } = interaction;
  const content = JSON.stringify(rest);
  const plain: Item = {
    ...interactionItemKey(key),
    entity: 'interaction',
    schemaVersion: 1,
    type,
    receivedAt,
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(continuity === undefined ? {} : { continuity: continuity.reason }),
    ...(continuity?.moves === undefined ? {} : { continuityMoves: continuity.moves }),
    content,
  };
  return itemSize(plain) <= writeUnitBytes ? plain : { ...plain, content: deflateRawSync(content, { level: 9 }) };
}

/** Reads an item back; undefined for the pointer that a corrected time leaves at its raw key. */
export function fromInteractionItem(item: Item): Interaction | undefined {
  if (item.entity !== 'interaction') return undefined;
  const key = readInteractionItemKey(item);
  if (key === undefined) throw new TypeError('an interaction item has a malformed key');
  const content = item.content instanceof Uint8Array ? inflateRawSync(item.content).toString('utf8') : item.content;
  return interactionSchema.parse({
    ...JSON.parse(String(content)),
    id: interactionId(key),
    type: item.type,
    occurredAt: new Date(key.occurredAtMs).toISOString(),
    receivedAt: item.receivedAt,
    ...(item.conversationId === undefined ? {} : { conversationId: item.conversationId }),
    ...(item.continuity === undefined
      ? {}
      : { continuity: { reason: item.continuity, ...(item.continuityMoves ? { moves: item.continuityMoves } : {}) } }),
  });
}
