import type { Source } from '../contracts/source.ts';
import { assertNever, PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { type ConversationDeed, commandTypes } from './conversationCommand.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { Conversations } from './conversations.ts';

export interface CommandPorts {
  conversations: Pick<Conversations, 'readCard'>;
  timeline: Pick<Timeline, 'append'>;
  newId: NewId;
}

/** What somebody of ours does within a conversation. */
export interface AgentAct {
  /** Id of the conversation, or of any message in it. */
  conversationId: string;
  source: Source;
  /** Who it is. */
  agent?: string | undefined;
  /** The caller's id of the request. */
  messageId?: string | undefined;
  receivedAtMs: number;
}

/**
 * Puts a command on the timeline, on the leaf of the message that it names; the projection carries it out. The same
 * `messageId` again answers the same id for 30 days. Undefined where there is no such conversation. Throws
 * `invalid-request` where the deed names a message that is none, `conflict` where it would join two customers.
 */
export async function commandConversation(
  { conversations, timeline, newId }: CommandPorts,
  { deed, ...act }: AgentAct & { deed: ConversationDeed },
): Promise<Appended | undefined> {
  const card = await conversations.readCard(act.conversationId);
  if (card === undefined) return undefined;
  if (deed.does === 'merge') {
    const target = await conversations.readCard(deed.into);
    if (target === undefined) throw unknownMessage('into');
    if (target.customerId !== card.customerId) {
      throw new PlatformError('conflict', 'The conversations belong to different customers.');
    }
  }
  const text = act.agent === undefined ? wordsFor(deed) : `${wordsFor(deed)}, by ${act.agent}`;
  const interaction = { ...actInteraction(act, typeOf(deed), propertiesOf(deed)), text };
  return timeline.append(placeInteraction(interaction, { newId, receivedAtMs: act.receivedAtMs }));
}

/** What an agent's act is on the timeline: of the platform's own channel, seen by nobody but us. */
export function actInteraction(
  { agent, conversationId, messageId, source }: AgentAct,
  type: string,
  properties: Record<string, unknown>,
): IncomingInteraction {
  const home = leafOfMessage(conversationId);
  if (home === undefined) throw new TypeError('a conversation has a malformed id');
  return {
    home,
    // An answer and a command may carry the same id of the caller's, and stay two.
    ...(messageId === undefined ? {} : { messageId: `${type}|${messageId}` }),
    type,
    channel: 'system',
    direction: 'internal',
    source: source.name,
    touchpoint: 'console',
    trust: 'asserted',
    identifiers: [],
    properties: { message: conversationId, ...properties, ...(agent === undefined ? {} : { agent }) },
  };
}

function typeOf(deed: ConversationDeed): string {
  const [type] = Object.entries(commandTypes).find(([, does]) => does === deed.does) ?? [];
  if (type === undefined) throw new TypeError('a deed has no type');
  return type;
}

function propertiesOf(deed: ConversationDeed): Record<string, unknown> {
  switch (deed.does) {
    case 'snooze':
      return { until: new Date(deed.untilMs).toISOString() };
    case 'wake':
      return { snooze: deed.snooze };
    case 'assign':
      return deed.assignee === undefined ? {} : { assignee: deed.assignee };
    case 'merge':
      return { into: deed.into };
    default:
      return {};
  }
}

/** As the timeline tells it. */
function wordsFor(deed: ConversationDeed): string {
  switch (deed.does) {
    case 'resolve':
      return 'Conversation resolved';
    case 'reopen':
      return 'Conversation reopened';
    case 'split':
      return 'Made a conversation of its own';
    case 'snooze':
      return `Conversation set aside until ${new Date(deed.untilMs).toISOString()}`;
    case 'wake':
      return 'Conversation came back by the clock';
    case 'assign':
      return deed.assignee === undefined ? 'Assigned to nobody' : `Assigned to ${deed.assignee}`;
    case 'merge':
      return 'Made part of another conversation';
    default:
      return assertNever(deed);
  }
}

function unknownMessage(path: string): PlatformError {
  const issues = [{ path, message: 'expected a message of a conversation' }];
  return new PlatformError('invalid-request', 'The body is not valid.', { issues });
}
