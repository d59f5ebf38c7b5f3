import type { WidgetMessageRequest } from '../contracts/widget.ts';
import type { LeafOf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { Visitor } from './sessionToken.ts';
import { homeOfVisitor } from './visitorOf.ts';
import { receivedInteraction } from './widgetInteractions.ts';

/** Takes in a visitor's chat message. The same message again, by id and time, is recognised and answers the same id. */
export async function receiveMessage(
  { timeline, leafOf, newId }: { timeline: Pick<Timeline, 'append'>; leafOf: LeafOf; newId: NewId },
  { visitor, message, receivedAtMs }: { visitor: Visitor; message: WidgetMessageRequest; receivedAtMs: number },
): Promise<Appended> {
  const incoming = receivedInteraction(homeOfVisitor(leafOf, visitor), visitor, message);
  return await timeline.append(placeInteraction(incoming, { newId, receivedAtMs }));
}
