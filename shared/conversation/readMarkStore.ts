import * as z from 'zod';
import type { Table } from '../platform/table.ts';
import { readMarkKey, readMarkPrefix, readMarkRange } from './conversationKeys.ts';
import type { ReadMarks } from './readMarks.ts';

const markSchema = z.object({ receivedAtMs: z.number().int() });

/** A mark is looked at for minutes and means nothing when its conversation is long over. In seconds. */
const lifetimeSeconds = 90 * 24 * 60 * 60;
/** More have hardly read one conversation. */
const listedMarks = 100;

/** Keeps read marks in the table: one write unit for each step forward. */
export function createReadMarkStore(table: Table): ReadMarks {
  return {
    async markRead(conversationId, reader, receivedAtMs) {
      await table.put(
        {
          ...readMarkKey(conversationId, reader),
          entity: 'read-mark',
          schemaVersion: 1,
          receivedAtMs,
          expiresAtSeconds: Math.ceil(receivedAtMs / 1000) + lifetimeSeconds,
        },
        {
          expression: 'attribute_not_exists(pk) OR receivedAtMs < :receivedAtMs',
          values: { ':receivedAtMs': receivedAtMs },
        },
      );
    },
    async readMark(conversationId, readers) {
      const items = await table.getMany(readers.map((reader) => readMarkKey(conversationId, reader)));
      return Math.max(0, ...items.map((item) => markSchema.parse(item).receivedAtMs));
    },
    async listMarks(conversationId) {
      const { items } = await table.query({ ...readMarkRange(conversationId), limit: listedMarks });
      return items.map((item) => ({ reader: item.sk.slice(readMarkPrefix.length), ...markSchema.parse(item) }));
    },
  };
}
