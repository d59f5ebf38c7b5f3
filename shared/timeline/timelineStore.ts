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

  /** Only `direct` placements share a request: the others need a transaction each. */
  async function appendMany(placements: readonly Placement[]): Promise<Appended[]> {
    const results = new Map<Placement, Appended>();
    const byId = new Map<string, Placement[]>();
    for (const placement of placements) {
      if (placement.kind !== 'direct') continue;
      // The same key twice would fail the whole request.
      const twins = byId.get(placement.interaction.id);
      if (twins) twins.push(placement);
      else byId.set(placement.interaction.id, [placement]);
    }
    const distinct = [...byId.values()];
    const requests = chunk(distinct, batchSize).map(async (group) => {
      const outcomes = await table.insertMany(
        group.flatMap(([first]) => (first ? [toInteractionItem(first.key, first.interaction)] : [])),
      );
      group.forEach((twins, index) => {
        twins.forEach((placement, position) => {
          const duplicate = position > 0 || outcomes[index] === 'duplicate';
          results.set(placement, { id: placement.interaction.id, duplicate });
        });
      });
    });
    const others = async () => {
      // One after the other: equal messages of one batch must find each other's guard.
      for (const placement of placements) {
        if (placement.kind !== 'direct') results.set(placement, await append(placement));
      }
    };
    await Promise.all([...requests, others()]);
    return placements.map((placement) => {
      const result = results.get(placement);
      if (result === undefined) throw new Error('a placement was neither stored nor refused');
      return result;
    });
  }

  return {
    append,
    appendMany,
    async readRange({ leaf, keyClass, before, limit, consistent }) {
      const { items, more } = await table.query({
        pk: leafPartition(leaf),
        from: `${keyClass}#`,
        // "#" sorts below every character of a position, "$" is the next above "#".
        to: before ? justBefore(`${keyClass}#${positionText(before)}`) : `${keyClass}$`,
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
      const keys = ids.flatMap((id) => {
        const key = readInteractionId(id);
        return key ? [interactionItemKey(key)] : [];
      });
      if (keys.length === 0) return [];
      const items = await table.getMany(keys);
      return items.flatMap((item): Interaction[] => {
        const interaction = fromInteractionItem(item);
        return interaction ? [interaction] : [];
      });
    },
  };
}

/** Guards and pointers name the interaction that they stand for; an interaction stands for itself. */
function storedId(existing: Item | undefined, ownId: string): string {
  return typeof existing?.interactionId === 'string' ? existing.interactionId : ownId;
}

function guardItem(placement: Placement): Item {
  const { key, interaction } = placement;
  return {
    ...guardItemKey(key.messageHash, key.leaf),
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

/** The greatest key of the same length that sorts below the given one; keys end in a base64url character above "-". */
function justBefore(key: string): string {
  return `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}~`;
}

function chunk<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < values.length; start += size) chunks.push(values.slice(start, start + size));
  return chunks;
}
