import type { Interaction } from '../contracts/interaction.ts';
import { type Item, isNew, type Table } from '../platform/table.ts';
import { fromInteractionItem, toInteractionItem } from './interactionItem.ts';
import type { Placement } from './placeInteraction.ts';
import type { Appended, Timeline } from './timeline.ts';
import {
  guardItemKey,
  interactionId,
  interactionItemKey,
  leafPartition,
  positionText,
  readInteractionId,
  readInteractionItemKey,
} from './timelineKeys.ts';

/** Statements in one BatchExecuteStatement request, by AWS's limit. */
const batchSize = 25;
/** Requests of one batch that are under way at the same time. */
const parallelRequests = 20;
const guardLifetimeSeconds = 30 * 24 * 60 * 60;

export function createTimelineStore(table: Table): Timeline {
  async function append(placement: Placement): Promise<Appended> {
    const item = toInteractionItem(placement.key, placement.interaction);
    const id = placement.interaction.id;
    if (placement.kind === 'direct') {
      const outcome = await table.put(item, isNew);
      return { id: outcome.stored ? id : storedId(outcome.existing, id), duplicate: !outcome.stored };
    }
    const witness = placement.kind === 'guarded' ? guardItem(placement) : pointerItem(placement);
    const outcome = await table.transact([
      { put: witness, condition: isNew },
      { put: item, condition: isNew },
    ]);
    if (outcome.stored) return { id, duplicate: false };
    const rawId = placement.kind === 'corrected' ? interactionId(placement.rawKey) : id;
    return { id: outcome.existing[0] ? storedId(outcome.existing[0], rawId) : id, duplicate: true };
  }

  async function insert(placements: readonly Placement[]): Promise<Appended[]> {
    const outcomes = await table.insertMany(placements.map((one) => toInteractionItem(one.key, one.interaction)));
    return placements.map((one, index) => ({ id: one.interaction.id, duplicate: outcomes[index] === 'duplicate' }));
  }

  /** Only `direct` placements share a request: the others need a transaction each. */
  async function appendMany(placements: readonly Placement[]): Promise<Appended[]> {
    // The same key twice would fail a whole request, and equal messages would cancel each other's transaction.
    const firsts = new Map<string, Placement>();
    for (const one of placements) if (!firsts.has(recognitionKey(one))) firsts.set(recognitionKey(one), one);
    const distinct = [...firsts.values()];
    const requests = [
      ...chunk(
        distinct.filter(({ kind }) => kind === 'direct'),
        batchSize,
      ),
      ...distinct.filter(({ kind }) => kind !== 'direct').map((one) => [one]),
    ];
    const outcomes = new Map<Placement, Appended>();
    await inTurns(requests, parallelRequests, async (request) => {
      const [first] = request;
      const appended = first && first.kind !== 'direct' ? [await append(first)] : await insert(request);
      for (const [index, one] of request.entries()) {
        const outcome = appended[index];
        if (outcome) outcomes.set(one, outcome);
      }
    });
    return placements.map((one) => {
      const first = firsts.get(recognitionKey(one));
      const outcome = first && outcomes.get(first);
      if (outcome === undefined) throw new Error('a placement was neither stored nor refused');
      return first === one ? outcome : { ...outcome, duplicate: true };
    });
  }

  async function readItems(ids: readonly string[]): Promise<Item[]> {
    const keys = ids.flatMap((id) => {
      const key = readInteractionId(id);
      return key ? [interactionItemKey(key)] : [];
    });
    return keys.length > 0 ? table.getMany(keys) : [];
  }

  return {
    append,
    appendMany,
    async readRange({ leaf, keyClass, before, inclusive, limit, consistent }) {
      const { items, more } = await table.query({
        pk: leafPartition(leaf),
        from: `${keyClass}#`,
        // "#" sorts below every character of a position, "$" is the next above "#".
        to: before ? upTo(`${keyClass}#${positionText(before)}`, inclusive ?? false) : `${keyClass}$`,
        descending: true,
        limit,
        consistent: consistent ?? false,
      });
      const last = items.at(-1);
      return {
        interactions: items.flatMap((item) => fromInteractionItem(item) ?? []),
        cutAt: more && last ? readInteractionItemKey(last) : undefined,
      };
    },
    async readByIds(ids) {
      const found = await readItems(ids);
      const targets = found.flatMap((item) => (item.entity === 'pointer' ? [storedId(item, '')] : []));
      const followed = targets.length > 0 ? (await readItems(targets)).values() : [].values();
      return found.flatMap((item): Interaction[] => {
        const interaction = fromInteractionItem(item) ?? fromInteractionItem(followed.next().value ?? item);
        return interaction ? [interaction] : [];
      });
    },
  };
}

/** Equal for two placements of the same message: the key under which a repetition is recognised. */
function recognitionKey({ interaction, key, ...placement }: Placement): string {
  if (placement.kind === 'guarded') return guardItemKey(key.messageHash, placement.guardLeaf).pk;
  return placement.kind === 'corrected' ? interactionId(placement.rawKey) : interaction.id;
}

/** Guards and pointers name the interaction that they stand for; an interaction stands for itself. */
function storedId(existing: Item | undefined, ownId: string): string {
  return typeof existing?.interactionId === 'string' ? existing.interactionId : ownId;
}

function guardItem({ guardLeaf, interaction, key }: Extract<Placement, { kind: 'guarded' }>): Item {
  return {
    ...guardItemKey(key.messageHash, guardLeaf),
    entity: 'guard',
    schemaVersion: 1,
    interactionId: interaction.id,
    expiresAtSeconds: Math.floor(Date.parse(interaction.receivedAt) / 1000) + guardLifetimeSeconds,
  };
}

function pointerItem(placement: Extract<Placement, { kind: 'corrected' }>): Item {
  return {
    ...interactionItemKey(placement.rawKey),
    entity: 'pointer',
    schemaVersion: 1,
    interactionId: interactionId(placement.key),
  };
}

/** Upper bound of keys up to the given one, or strictly below it: keys end in a base64url character, and none is above "~". */
function upTo(key: string, inclusive: boolean): string {
  if (inclusive) return key;
  return `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}~`;
}

/** Handles all values, some at a time. Throws the first fault, once nothing is under way any more. */
async function inTurns<T>(values: readonly T[], parallel: number, handle: (value: T) => Promise<void>): Promise<void> {
  const waiting = values.values();
  const faults: unknown[] = [];
  const worker = async () => {
    for (const value of waiting) {
      if (faults.length > 0) return;
      try {
        await handle(value);
      } catch (fault) {
        faults.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, values.length) }, worker));
  if (faults.length > 0) throw faults[0];
}

function chunk<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < values.length; start += size) chunks.push(values.slice(start, start + size));
  return chunks;
}
