import * as z from 'zod';
import { type Condition, type Item, isNew, type Table } from '../platform/table.ts';
import { ledgerKey, occasionItemKey } from './followUpKeys.ts';
import {
  emptyLedger,
  entryLifetimeMs,
  type FixedAddress,
  type SendEntry,
  type SendLedger,
  type SendLedgers,
} from './sendLedger.ts';

/** Keeps ledgers and fixed addresses in the table. */
export function createSendLedgerStore(table: Table): SendLedgers {
  return {
    async read(address) {
      const item = await table.get(ledgerKey(address), { consistent: true });
      if (item === undefined) return { ledger: emptyLedger, version: 0 };
      const { version, ...stored } = itemSchema.parse(item);
      return { ledger: fromStored(stored), version };
    },

    async write(address, ledger, version) {
      const item: Item = {
        ...ledgerKey(address),
        entity: 'send-ledger',
        schemaVersion: 1,
        version: version + 1,
        ...toStored(ledger),
      };
      const outcome = await table.put(item, version === 0 ? isNew : isUnchangedSince(version));
      return outcome.stored;
    },

    async fixAddress(occasionKey, { address, atMs }) {
      const item = { ...occasionItem(occasionKey, atMs), atMs, ...(address === undefined ? {} : { address }) };
      const outcome = await table.put(item, isNotFixed);
      if (outcome.stored) return { address, atMs };
      return fixedIn(outcome.existing);
    },

    async fixedAddress(occasionKey) {
      const item = await table.get(occasionItemKey(occasionKey), { consistent: true });
      return item?.atMs === undefined ? undefined : fixedIn(item);
    },

    async lookForAddress(occasionKey, nowMs) {
      const outcome = await table.put({ ...occasionItem(occasionKey, nowMs), lookedForSinceMs: nowMs }, isNew);
      return outcome.stored ? nowMs : lookedForSchema.parse(outcome.existing).lookedForSinceMs;
    },
  };
}

function occasionItem(occasionKey: string, nowMs: number): Item {
  return {
    ...occasionItemKey(occasionKey),
    entity: 'follow-up',
    schemaVersion: 1,
    expiresAtSeconds: Math.ceil((nowMs + entryLifetimeMs) / 1000),
  };
}

/** An entry as a list, so that a ledger stays within one write unit for long: state, time, class, purpose, owner, retried at, reason, within. */
const entrySchema = z.tuple([
  z.enum(['claimed', 'retried', 'sent', 'suppressed']),
  z.number().int(),
  z.enum(['transactional', 'marketing']),
  z.string(),
  z.string(),
  z.number().int().nullable(),
  z
    .enum([
      'no-address',
      'unsubscribed',
      'no-consent',
      'address-suppressed',
      'frequency-cap',
      'superseded',
      'too-old',
      'read',
      'rejected',
      'unclear',
    ])
    .nullable(),
  z.string().optional(),
]);

const storedSchema = z.object({
  entries: z.record(z.string(), entrySchema),
  unsubscribed: z.record(z.string(), z.number().int()).default({}),
  granted: z.record(z.string(), z.object({ atMs: z.number().int(), evidence: z.string() })).default({}),
  suppressed: z.object({ reason: z.enum(['bounce', 'complaint']), atMs: z.number().int() }).optional(),
});
const itemSchema = storedSchema.extend({ version: z.number().int() });
const fixedSchema = z.object({ address: z.string().optional(), atMs: z.number().int() });
const lookedForSchema = z.object({ lookedForSinceMs: z.number().int().optional() });

function fixedIn(item: Item | undefined): FixedAddress {
  const { address, atMs } = fixedSchema.parse(item);
  return { address, atMs };
}

function toStored({ entries, unsubscribed, granted, suppressed }: SendLedger): z.infer<typeof storedSchema> {
  const lists = Object.entries(entries).map(([key, entry]) => [key, toList(entry)] as const);
  return { entries: Object.fromEntries(lists), unsubscribed, granted, ...(suppressed ? { suppressed } : {}) };
}

function toList(entry: SendEntry): z.infer<typeof entrySchema> {
  const { atMs, owner, purpose, reason = null, retriedAtMs = null, state, within } = entry;
  const list = [state, atMs, entry.class, purpose, owner, retriedAtMs, reason] as const;
  return within === undefined ? [...list] : [...list, within];
}

function fromStored({ entries, unsubscribed, granted, suppressed }: z.infer<typeof storedSchema>): SendLedger {
  const read = Object.entries(entries).map(([key, [state, atMs, of, purpose, owner, retriedAtMs, reason, within]]) => {
    const entry: SendEntry = {
      state,
      atMs,
      class: of,
      purpose,
      owner,
      ...(retriedAtMs === null ? {} : { retriedAtMs }),
      ...(reason === null ? {} : { reason }),
      ...(within === undefined ? {} : { within }),
    };
    return [key, entry] as const;
  });
  return { entries: Object.fromEntries(read), unsubscribed, granted, ...(suppressed ? { suppressed } : {}) };
}

/** Nothing is there, or only that an address is looked for. */
const isNotFixed: Condition = { expression: 'attribute_not_exists(atMs)' };

function isUnchangedSince(version: number): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}
