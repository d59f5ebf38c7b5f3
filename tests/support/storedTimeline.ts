import type { Interaction } from '../../shared/contracts/interaction.ts';
import { type IncomingInteraction, type Placement, placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { positionText, readInteractionId } from '../../shared/timeline/timelineKeys.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine, type TestEngine } from './engine.ts';
import { createMeteredTable, type MeteredTable } from './meteredTable.ts';
import { arrivalMs } from './timelineMessages.ts';

export interface StoredTimeline {
  engine: TestEngine;
  table: MeteredTable;
  timeline: Timeline;
  /** The place of a message that arrives so long after the usual moment, as a list of one; none for no message. */
  place(message: IncomingInteraction | undefined, delayMs?: number): Placement[];
  /** Everything on a leaf, newest first. */
  read(leaf: string): Promise<Interaction[]>;
  /** The same page by page over several leaves. */
  pageThrough(leaves: readonly string[], limit: number, between?: () => Promise<void>): Promise<Interaction[]>;
}

/** The real store on a table of its own. */
export async function startStoredTimeline(): Promise<StoredTimeline> {
  const engine = await startTestEngine();
  await createTimelineTable(engine.endpoint, 'timeline');
  const table = createMeteredTable(engine, 'timeline');
  const timeline = createTimelineStore(table);
  let ids = 0;
  const pageThrough: StoredTimeline['pageThrough'] = async (leaves, limit, between = async () => undefined) => {
    const visited: Interaction[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await readTimeline(timeline, { leaves, limit, before });
      if (page === undefined) throw new Error('a page was not understood');
      visited.push(...page.interactions);
      if (page.next === null) return visited;
      before = page.next;
      await between();
    }
  };
  return {
    engine,
    table,
    timeline,
    pageThrough,
    place: (message, delayMs = 0) =>
      message ? [placeInteraction(message, { newId: () => `made-${ids++}`, receivedAtMs: arrivalMs + delayMs })] : [],
    read: (leaf) => pageThrough([leaf], 100),
  };
}

/** The part of an id by which the timeline is ordered. */
export function keyedBy(id: string): string {
  const key = readInteractionId(id);
  return key ? positionText(key) : '';
}
