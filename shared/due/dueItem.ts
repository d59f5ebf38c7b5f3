import * as z from 'zod';
import type { Interaction } from '../contracts/interaction.ts';
import { commandOf } from '../conversation/conversationCommand.ts';

/** Something that is to happen at a time. More kinds join here. */
export const dueItemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('snooze'),
    /** Of the command that set the conversation aside. */
    id: z.string(),
    /** The message that the command names. */
    message: z.string(),
    dueMs: z.number().int(),
    /** How often it failed. */
    failures: z.number().int().default(0),
  }),
]);
export type DueItem = z.infer<typeof dueItemSchema>;

/** What an interaction makes due, if anything. */
export function dueItemOf(interaction: Interaction): DueItem | undefined {
  const command = commandOf(interaction);
  if (command?.does !== 'snooze') return undefined;
  return { kind: 'snooze', id: command.id, message: command.message, dueMs: command.untilMs, failures: 0 };
}
