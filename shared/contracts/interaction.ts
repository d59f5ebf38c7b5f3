import * as z from 'zod';
import { identifierSchema, trustSchema } from './identifier.ts';

export const channelSchema = z.enum(['web', 'email', 'voice', 'sms', 'system']);
export type Channel = z.infer<typeof channelSchema>;

export const directionSchema = z.enum(['inbound', 'outbound', 'internal']);
export type Direction = z.infer<typeof directionSchema>;

/**
 * Why a message belongs to its conversation: a signed token of ours, a reference to a message in it, a report of the
 * same call, what was open, the beginning of a new one, or an agent who made it the beginning of one (`split`).
 */
export const continuityReasonSchema = z.enum(['token', 'reference', 'call', 'open', 'new', 'split']);
export type ContinuityReason = z.infer<typeof continuityReasonSchema>;

/** One touch between a customer and the company, as it stands on the timeline. Times are ISO 8601 in UTC. */
export const interactionSchema = z.object({
  id: z.string(),
  type: z
    .string()
    .regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/)
    .describe('`noun.verbed`, for example `message.received`'),
  occurredAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  channel: channelSchema,
  direction: directionSchema,
  source: z.string().describe('Name of the source that delivered it'),
  touchpoint: z.string().describe('Where the customer was: a page path, `widget`, a mailbox, a phone line'),
  trust: trustSchema.describe('Trust of what the interaction states about identity'),
  identifiers: z.array(identifierSchema),
  conversationId: z.string().optional(),
  continuity: z
    .object({ reason: continuityReasonSchema, moves: z.int().positive().optional() })
    .optional()
    .describe(
      '`moves`: how often it has been given another conversation, or another reason, since the first; absent for never',
    ),
  text: z.string().optional(),
  properties: z.record(z.string(), z.unknown()),
  context: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Circumstances that the sender reported: page, campaign, locale, time zone, library'),
});
export type Interaction = z.infer<typeof interactionSchema>;

/** The short form in which a profile and a screen pop list interactions. */
export const interactionSummarySchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  type: z.string(),
  channel: channelSchema,
  direction: directionSchema,
  text: z.string(),
});
