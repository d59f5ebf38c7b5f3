import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { type KeyClass, positionText, readInteractionId } from '../../shared/timeline/timelineKeys.ts';

/** Interactions in memory, read as the table reads them. The plainest code that could be right. */
export interface MemoryTimeline extends Pick<Timeline, 'readRange'> {
  interactions: Interaction[];
}

export function createMemoryTimeline(): MemoryTimeline {
  const interactions: Interaction[] = [];
  return {
    interactions,
    async readRange({ leaf, keyClass, before, inclusive, limit }) {
      const border = before && positionText(before);
      const stretch = interactions
        .filter(({ id }) => leafOf(id) === leaf && classOf(id) === keyClass)
        .filter(({ id }) => border === undefined || position(id) < border || (inclusive && position(id) === border))
        .sort((one, other) => (position(one.id) < position(other.id) ? 1 : -1));
      const page = stretch.slice(0, limit);
      const last = page.at(-1);
      return { interactions: page, cutAt: stretch.length > limit && last ? readInteractionId(last.id) : undefined };
    },
  };
}

function position(id: string): string {
  const key = readInteractionId(id);
  return key ? positionText(key) : '';
}

function leafOf(id: string): string | undefined {
  return readInteractionId(id)?.leaf;
}

function classOf(id: string): KeyClass | undefined {
  return readInteractionId(id)?.keyClass;
}
