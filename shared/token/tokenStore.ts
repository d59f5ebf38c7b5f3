import * as z from 'zod';
import { identifierTypeSchema } from '../contracts/identifier.ts';
import { isNew, type Table } from '../platform/table.ts';
import { replyItemKey, resumeItemKey } from './tokenKeys.ts';
import type { Tokens } from './tokens.ts';

/** How long a mail can be answered by its reply address: two years, about 300 bytes each. In seconds. */
const replyLifetimeSeconds = 2 * 366 * 24 * 60 * 60;

const leafSchema = z.string().regex(/^[\w-]{22}$/);
const replySchema = z.object({
  message: z.string(),
  address: leafSchema,
  leaf: leafSchema,
  type: identifierTypeSchema,
  expiresAtSeconds: z.number(),
});
const useSchema = z.object({ browser: leafSchema, atMs: z.number().int() });

/** Keeps what tokens stand for in the table. */
export function createTokenStore(table: Table): Tokens {
  return {
    async bindReply(name, binding, atMs) {
      const expiresAtSeconds = Math.ceil(atMs / 1000) + replyLifetimeSeconds;
      await table.put(
        { ...replyItemKey(name), entity: 'reply-address', schemaVersion: 1, ...binding, expiresAtSeconds },
        isNew,
      );
    },
    async readReply(name, nowMs) {
      const item = await table.get(replyItemKey(name));
      if (item === undefined) return undefined;
      // The table takes expired items away when it comes to it.
      const { expiresAtSeconds, ...binding } = replySchema.parse(item);
      return expiresAtSeconds * 1000 > nowMs ? binding : undefined;
    },
    async useResume(id, use, expiresAtMs) {
      const outcome = await table.put(
        {
          ...resumeItemKey(id),
          entity: 'resume-use',
          schemaVersion: 1,
          ...use,
          expiresAtSeconds: Math.ceil(expiresAtMs / 1000),
        },
        isNew,
      );
      return outcome.stored ? use : useSchema.parse(outcome.existing);
    },
  };
}
