import type { Interaction } from '../contracts/interaction.ts';
import { type ConversationStory, storyOf, tell } from '../conversation/conversationStory.ts';
import { triggerOf } from '../follow-up/playbooks.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { KeyClass, TimelinePosition } from '../timeline/timelineKeys.ts';
import { type Head, headOf, mergeHeads } from './head.ts';

const pageSize = 500;

type TimelineReader = Pick<Timeline, 'readRange'>;

/**
 * What all interactions of a leaf add up to, from the timeline itself, and those that may cause a follow-up. Sees every
 * acknowledged write.
 */
export async function replayLeaf(
  timeline: TimelineReader,
  leaf: Leaf,
): Promise<{ head: Head | undefined; story: ConversationStory; triggers: Interaction[] }> {
  let head: Head | undefined;
  const triggers: Interaction[] = [];
  const story = storyOf([]);
  for (const keyClass of ['E', 'B'] as const) {
    for await (const interaction of readAll(timeline, leaf, keyClass)) {
      const one = headOf(interaction);
      head = head ? mergeHeads(head, one) : one;
      tell(story, interaction);
      if (triggerOf(interaction) !== undefined) triggers.push(interaction);
    }
  }
  return { head, story, triggers };
}

/** All messages of some leaves and how these came together. Sees every acknowledged write. */
export async function readStory(timeline: TimelineReader, leaves: readonly Leaf[]): Promise<ConversationStory> {
  const story = storyOf([]);
  const read = async (leaf: Leaf) => {
    for await (const interaction of readAll(timeline, leaf, 'E')) tell(story, interaction);
  };
  await Promise.all(leaves.map(read));
  return story;
}

/** What of a leaf was received from a time on, in milliseconds, in no particular order. Sees every acknowledged write. */
export async function readReceivedSince(timeline: TimelineReader, leaf: Leaf, sinceMs: number): Promise<Interaction[]> {
  const received: Interaction[] = [];
  for (const keyClass of ['E', 'B'] as const) {
    for await (const interaction of readAll(timeline, leaf, keyClass)) {
      if (Date.parse(interaction.receivedAt) >= sinceMs) received.push(interaction);
    }
  }
  return received;
}

async function* readAll(timeline: TimelineReader, leaf: Leaf, keyClass: KeyClass): AsyncGenerator<Interaction> {
  let before: TimelinePosition | undefined;
  do {
    const page = await timeline.readRange({ leaf, keyClass, before, limit: pageSize, consistent: true });
    yield* page.interactions;
    before = page.cutAt;
  } while (before);
}
