import type { Interaction } from '../contracts/interaction.ts';
import { positionText, readInteractionId } from '../timeline/timelineKeys.ts';
import { arrivalOf } from './conversationKeys.ts';
import { type StatedMembership, statedIn } from './conversationMessage.ts';

/** What an agent, or the clock, does to a conversation. Each names a message; its conversation is the one that is meant. */
export type ConversationDeed =
  | { does: 'resolve' | 'reopen' | 'split' }
  /** `until` is when it comes back, in milliseconds. */
  | { does: 'snooze'; untilMs: number }
  /** The clock: a snooze, by its command's id, is over. */
  | { does: 'wake'; snooze: string }
  /** Undefined: nobody any more. */
  | { does: 'assign'; assignee: string | undefined }
  /** The named message's conversation becomes part of that of the message `into`. */
  | { does: 'merge'; into: string };

/** A command as it stands on the timeline, on the leaf of the message that it names. */
export type ConversationCommand = ConversationDeed & {
  /** Of the interaction that says so. */
  id: string;
  message: string;
  position: string;
  arrival: string;
  receivedAtMs: number;
  /** What an earlier projection wrote on the interaction. */
  stored?: StatedMembership | undefined;
};

/** Types of the interactions that are commands, and what they do. */
export const commandTypes = {
  'conversation.resolved': 'resolve',
  'conversation.reopened': 'reopen',
  'conversation.snoozed': 'snooze',
  'conversation.woken': 'wake',
  'conversation.assigned': 'assign',
  'conversation.split': 'split',
  'conversation.merged': 'merge',
} as const satisfies Record<string, ConversationDeed['does']>;

/** The command that an interaction is, if it is a sound one: only the platform makes interactions of these types. */
export function commandOf(interaction: Interaction): ConversationCommand | undefined {
  const { id, properties, receivedAt, type } = interaction;
  const does = commandTypes[type as keyof typeof commandTypes];
  const key = readInteractionId(id);
  const { message } = properties;
  if (does === undefined || key === undefined || !isMessageId(message)) return undefined;
  const deed = deedOf(does, properties);
  const receivedAtMs = Date.parse(receivedAt);
  return (
    deed && {
      ...deed,
      id,
      message,
      position: positionText(key),
      arrival: arrivalOf({ id, receivedAtMs }),
      receivedAtMs,
      stored: statedIn(interaction),
    }
  );
}

function deedOf(
  does: ConversationDeed['does'],
  { assignee, into, snooze, until }: Interaction['properties'],
): ConversationDeed | undefined {
  switch (does) {
    case 'snooze': {
      const untilMs = typeof until === 'string' ? Date.parse(until) : Number.NaN;
      return Number.isNaN(untilMs) ? undefined : { does, untilMs };
    }
    case 'wake':
      return typeof snooze === 'string' ? { does, snooze } : undefined;
    case 'assign':
      return { does, assignee: typeof assignee === 'string' ? assignee : undefined };
    case 'merge':
      return isMessageId(into) ? { does, into } : undefined;
    default:
      return { does };
  }
}

function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && readInteractionId(value) !== undefined;
}
