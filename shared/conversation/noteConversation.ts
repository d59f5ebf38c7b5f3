import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended } from '../timeline/timeline.ts';
import { type AgentAct, actInteraction, type CommandPorts } from './commandConversation.ts';

/**
 * Puts a note among colleagues into a conversation: customers never see it. The same `messageId` again answers the same
 * id for 30 days. Undefined where there is no such conversation.
 */
export async function noteConversation(
  { conversations, timeline, newId }: CommandPorts,
  { text, ...act }: AgentAct & { text: string },
): Promise<Appended | undefined> {
  if ((await conversations.readCard(act.conversationId)) === undefined) return undefined;
  const interaction = { ...actInteraction(act, 'note.added', {}), text };
  return timeline.append(placeInteraction(interaction, { newId, receivedAtMs: act.receivedAtMs }));
}
