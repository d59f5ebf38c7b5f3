import * as z from 'zod';
import { channelSchema } from './interaction.ts';
import { endedWithSchema } from './widget.ts';

/** open: we owe an answer. pending: the customer does. snoozed: set aside until a time. resolved: done. */
export const conversationStatusSchema = z.enum(['open', 'pending', 'snoozed', 'resolved']);
export type ConversationStatus = z.infer<typeof conversationStatusSchema>;

export const conversationSummarySchema = z.object({
  conversationId: z.string(),
  customerId: z
    .string()
    .describe("Whose conversation it is: the root of the customer's leaves when it was last written"),
  name: z.string().optional(),
  status: conversationStatusSchema,
  channel: channelSchema,
  subject: z.string().optional(),
  endedWith: endedWithSchema,
  owes: z.enum(['us', 'customer', 'nobody']),
  waitingSince: z.iso.datetime().optional().describe('Since when the customer waits for us'),
  assignee: z.string().optional().describe('Who of us takes care of it'),
  snoozedUntil: z.iso.datetime().optional().describe('Until when it is set aside, while it is snoozed'),
  linkedTo: z
    .string()
    .optional()
    .describe('The conversation that this one came from: an answer that nobody could verify, or a new subject'),
  isUnverifiedReply: z
    .literal(true)
    .optional()
    .describe('It begins with an answer to a message of ours by somebody who is not known to have got that'),
});
export type ConversationSummary = z.infer<typeof conversationSummarySchema>;

export const conversationListQuerySchema = z.object({
  status: conversationStatusSchema.default('open'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  after: z.string().max(2_000).optional(),
});

/** Longest waiting first. `next` is handed back as `after=`. */
export const conversationListSchema = z.object({
  conversations: z.array(conversationSummarySchema),
  next: z.string().nullable(),
});
export type ConversationList = z.infer<typeof conversationListSchema>;

/** How far somebody has read a conversation: what had been received until then. */
export const readMarkSchema = z.object({
  by: z.enum(['customer', 'agent']),
  agent: z.string().optional().describe('Which of us, where it was said'),
  until: z.iso.datetime(),
});
export type ReadMark = z.infer<typeof readMarkSchema>;

export const conversationSchema = conversationSummarySchema.extend({ readMarks: z.array(readMarkSchema) });
export type ConversationDetail = z.infer<typeof conversationSchema>;

export const messageListQuerySchema = z.object({
  after: z.string().max(4_000).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** What every request of an agent may say. */
const agentRequestSchema = z.object({
  messageId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "The caller's id of this request: sending it again with the same id stores it once. Without one, no de-duplication is promised",
    ),
  agent: z.string().min(1).max(100).optional().describe('Shown to colleagues; who is speaking or acting'),
});

export const agentMessageRequestSchema = agentRequestSchema.extend({ text: z.string().trim().min(1).max(10_000) });
export type AgentMessageRequest = z.infer<typeof agentMessageRequestSchema>;

/** Resolve or reopen. */
export const deedRequestSchema = agentRequestSchema;
export const snoozeRequestSchema = agentRequestSchema.extend({
  until: z.iso.datetime({ offset: true }).describe('When it comes back: in the future, at most a year'),
});
export const assignRequestSchema = agentRequestSchema.extend({
  assignee: z.string().trim().min(1).max(100).nullable().describe('Null: nobody any more'),
});
export const splitRequestSchema = agentRequestSchema.extend({
  message: z.string().min(1).max(200).describe('The message with which a conversation of its own begins'),
});
export const mergeRequestSchema = agentRequestSchema.extend({
  into: z.string().min(1).max(200).describe('Any message of the conversation of which this one becomes a part'),
});
export const readRequestSchema = agentRequestSchema.omit({ messageId: true }).extend({
  upTo: z.string().min(1).max(200).describe('The last message that was read'),
});

/** A conversation that we open. */
export const conversationRequestSchema = agentMessageRequestSchema.extend({
  customerId: z.string().min(1).max(100),
  channel: z
    .enum(['email', 'web'])
    .optional()
    .describe('How it reaches them; without it by mail where an address is known, else on the website'),
  subject: z.string().trim().min(1).max(200).optional(),
});

/** The message's id where the body names none; field-standard for clients that retry. */
export const idempotencyHeadersSchema = z.object({ 'idempotency-key': z.string().min(1).max(100).optional() });
