import type { Source } from '../contracts/source.ts';
import type { WidgetSession, WidgetSessionRequest } from '../contracts/widget.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { openConversation, type VisitorPorts } from './latestConversation.ts';
import type { SessionTokens } from './sessionToken.ts';
import { homeOfVisitor, visitorOf } from './visitorOf.ts';
import { identifiedInteraction } from './widgetInteractions.ts';

export interface OpenSessionPorts extends VisitorPorts {
  timeline: Pick<Timeline, 'append' | 'readRange'>;
  tokens: SessionTokens;
  parsePhone: ParsePhone;
  newId: NewId;
}

/**
 * Opens a visitor's session and keeps what it states about them; `stated` is undefined where it states nothing.
 * Opening it again with the same statement stores nothing more. Throws `forbidden` for a user id that its hash does
 * not prove; then nothing is stored.
 */
export async function openSession(
  ports: OpenSessionPorts,
  { source, request, receivedAtMs }: { source: Source; request: WidgetSessionRequest; receivedAtMs: number },
): Promise<{ session: WidgetSession; stated: Appended | undefined }> {
  const { timeline, tokens, leafOf, parsePhone, newId } = ports;
  const visitor = visitorOf(source, request);
  const home = homeOfVisitor(leafOf, visitor);
  const identified = identifiedInteraction(home, visitor, request, parsePhone);
  const [stated, conversation, { token, expiresAtMs }] = await Promise.all([
    identified && timeline.append(placeInteraction(identified, { newId, receivedAtMs })),
    openConversation(ports, visitor),
    tokens.issue(visitor),
  ]);
  const session: WidgetSession = {
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
    ...(conversation === undefined ? {} : { conversation }),
  };
  return { session, stated };
}
