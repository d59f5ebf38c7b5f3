import type { LeafOf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { OwnedInteraction } from './callInteraction.ts';

export interface ReceiveCallPorts {
  timeline: Pick<Timeline, 'append'>;
  leafOf: LeafOf;
  newId: NewId;
}

/** Stores what a call or text message told, once. Throws where that could not be ascertained. */
export async function receiveCall(
  { leafOf, newId, timeline }: ReceiveCallPorts,
  { owner, ...interaction }: OwnedInteraction,
  receivedAtMs: number,
): Promise<Appended> {
  return timeline.append(placeInteraction({ ...interaction, home: leafOf(owner) }, { newId, receivedAtMs }));
}
