import type { Source } from '../contracts/source.ts';
import type { WidgetSession } from '../contracts/widget.ts';
import { platformSource } from '../follow-up/followUpInteractions.ts';
import { PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { Resumption } from '../token/resumeToken.ts';
import type { Tokens } from '../token/tokens.ts';
import { openConversation, type VisitorPorts } from './latestConversation.ts';
import type { SessionTokens, Visitor } from './sessionToken.ts';
import { homeOfVisitor } from './visitorOf.ts';

export interface ResumePorts extends VisitorPorts {
  timeline: Pick<Timeline, 'append' | 'readRange'>;
  resumeUses: Pick<Tokens, 'useResume'>;
  tokens: SessionTokens;
  newId: NewId;
}

/** How long a browser whose answer was lost may use the same link again, in milliseconds. */
const retryWithinMs = 10 * 60 * 1000;

/**
 * Goes on in a browser with the conversation that a mail brought: uses the link up, records that the mailbox and the
 * browser are the same person's, and opens a session. The same browser may do it again within ten minutes and gets
 * another session; whoever else comes with the same link is refused. Throws `conflict` for a link that was used.
 */
export async function resumeConversation(
  ports: ResumePorts,
  request: {
    source: Source;
    resumption: Resumption & { expiresAtMs: number };
    anonymousId: string;
    receivedAtMs: number;
  },
): Promise<{ session: WidgetSession; stated: Appended }> {
  const { anonymousId, receivedAtMs, resumption, source } = request;
  const { address, answers, expiresAtMs, id, leaf, message, type } = resumption;
  const resumed = { address, message, answers, side: { leaf, type } };
  const visitor: Visitor = { source: source.name, anonymousId, resumed };
  const browser = homeOfVisitor(ports.leafOf, visitor);
  const use = await ports.resumeUses.useResume(id, { browser, atMs: receivedAtMs }, expiresAtMs + retryWithinMs);
  if (use.browser !== browser || receivedAtMs - use.atMs > retryWithinMs) {
    throw new PlatformError('conflict', 'This link was used already; please reply to the mail.');
  }
  const followed = placeInteraction(
    {
      home: browser,
      messageId: `resumed:${id}`,
      clientTimeMs: use.atMs,
      type: 'conversation.resumed',
      channel: 'web',
      direction: 'inbound',
      source: platformSource,
      touchpoint: 'resume',
      // Only the mailbox has the link.
      trust: 'proven',
      identifiers: [{ type: 'anonymousId', value: anonymousId, trust: 'claimed' }],
      text: 'Went on in the browser by the link in a mail',
      properties: { address, message },
    },
    { newId: ports.newId, receivedAtMs },
  );
  const stated = await ports.timeline.append(followed);
  const [conversation, { token, expiresAtMs: sessionEndsAtMs }] = await Promise.all([
    openConversation(ports, visitor),
    ports.tokens.issue(visitor),
  ]);
  const session: WidgetSession = {
    token,
    expiresAt: new Date(sessionEndsAtMs).toISOString(),
    anonymousId,
    ...(conversation === undefined ? {} : { conversation }),
  };
  return { session, stated };
}
