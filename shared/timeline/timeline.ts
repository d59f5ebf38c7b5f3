import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Placement } from './placeInteraction.ts';
import type { KeyClass, TimelinePosition } from './timelineKeys.ts';

/**
 * What became of a message: stored now, or recognised as stored before. `id` is the same in both cases; only of a
 * batch's duplicate whose time was corrected at its first arrival it may be the id of the raw key, which
 * `readByIds` follows.
 */
export interface Appended {
  id: string;
  duplicate: boolean;
}

/** The timeline as use cases see it; `timelineStore.ts` keeps it in the table. */
export interface Timeline {
  /** Stores a placed message unless it is there already. Throws where neither could be ascertained. */
  append(placement: Placement): Promise<Appended>;
  /** The same for many; the answers stand in the order of the placements. Throws if any of them failed. */
  appendMany(placements: readonly Placement[]): Promise<Appended[]>;
  /** One stretch of a leaf, newest first, before a position; `cutAt` is where it ended if there is more. */
  readRange(range: TimelineRange): Promise<{ interactions: Interaction[]; cutAt: TimelinePosition | undefined }>;
  /** Interactions by id, in the order of the ids, leaving out what does not exist. */
  readByIds(ids: readonly string[]): Promise<Interaction[]>;
}

export interface TimelineRange {
  leaf: Leaf;
  keyClass: KeyClass;
  before?: TimelinePosition | undefined;
  /** Also what stands at `before` itself. */
  inclusive?: boolean;
  limit: number;
  /** Sees every write that was acknowledged, at twice the cost. */
  consistent?: boolean;
}
