import type { Interaction } from '../contracts/interaction.ts';
import { type ConversationMessage, messageOf } from '../conversation/conversationMessage.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { KeyClass, TimelinePosition } from '../timeline/timelineKeys.ts';
import { type Head, headOf, mergeHeads } from './head.ts';

const pageSize = 500;

/** What all interactions of a leaf add up to, from the timeline itself. Sees every acknowledged write. */
export async function replayLeaf(
  timeline: Timeline,
  leaf: Leaf,
): Promise<{ head: Head | undefined; messages: ConversationMessage[] }> {
  let head: Head | undefined;
  const messages: ConversationMessage[] = [];
  for (const keyClass of ['E', 'B'] as const) {
    for await (const interaction of readAll(timeline, leaf, keyClass)) {
      const one = headOf(interaction);
      head = head ? mergeHeads(head, one) : one;
      const message = messageOf(interaction);
      if (message) messages.push(message);
    }
  }
  return { head, messages };
}

/** All messages of a leaf. Sees every acknowledged write. */
export async function readLeafMessages(timeline: Timeline, leaf: Leaf): Promise<ConversationMessage[]> {
  const messages: ConversationMessage[] = [];
  for await (const interaction of readAll(timeline, leaf, 'E')) {
    const message = messageOf(interaction);
    if (message) messages.push(message);
  }
  return messages;
}

async function* readAll(timeline: Timeline, leaf: Leaf, keyClass: KeyClass): AsyncGenerator<Interaction> {
  let before: TimelinePosition | undefined;
  do {
    const page = await timeline.readRange({ leaf, keyClass, before, limit: pageSize, consistent: true });
    yield* page.interactions;
    before = page.cutAt;
  } while (before);
}
