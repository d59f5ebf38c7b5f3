import type { Interaction } from '../contracts/interaction.ts';
import { type ConversationCommand, commandOf } from './conversationCommand.ts';
import { type ConversationMessage, messageOf } from './conversationMessage.ts';
import { type LeafFact, leafFactOf } from './leafLinks.ts';

/** What the conversations of a customer are folded from. */
export interface ConversationStory {
  messages: ConversationMessage[];
  commands: ConversationCommand[];
  /** How the leaves came together, and apart. */
  links: LeafFact[];
}

/** What some interactions tell of conversations. */
export function storyOf(interactions: readonly Interaction[]): ConversationStory {
  const story: ConversationStory = { messages: [], commands: [], links: [] };
  for (const interaction of interactions) tell(story, interaction);
  return story;
}

/** Adds what one more interaction tells. */
export function tell({ messages, commands, links }: ConversationStory, interaction: Interaction): void {
  const message = messageOf(interaction);
  if (message) messages.push(message);
  const command = commandOf(interaction);
  if (command) commands.push(command);
  const link = leafFactOf(interaction);
  if (link) links.push(link);
}

/** Whether interactions of a type may tell something; what else they are decides finally. */
export function concernsConversations(type: string): boolean {
  return ['message.received', 'message.sent', 'note.added'].includes(type) || /^(?:call|conversation)\./.test(type);
}
