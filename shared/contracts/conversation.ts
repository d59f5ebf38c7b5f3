import * as z from 'zod';
import { channelSchema } from './interaction.ts';
import { endedWithSchema } from './widget.ts';

/** open: we owe an answer. pending: the customer does. snoozed: set aside until a time. resolved: done. */
export const conversationStatusSchema = z.enum(['open', 'pending', 'snoozed', 'resolved']);
export type ConversationStatus = z.infer<typeof conversationStatusSchema>;

export const conversationSummarySchema = z.object({
  conversationId: z.string(),
  /** Whose conversation it is: the root of the customer's leaves when it was last written. */
  customerId: z.string(),
  name: z.string().optional(),
  status: conversationStatusSchema,
  channel: channelSchema,
  subject: z.string().optional(),
  endedWith: endedWithSchema,
  owes: z.enum(['us', 'customer', 'nobody']),
  /** Since when the customer waits for us. */
  waitingSince: z.iso.datetime().optional(),
  /** Who of us takes care of it. */
  assignee: z.string().optional(),
  /** Until when it is set aside, while it is snoozed. */
  snoozedUntil: z.iso.datetime().optional(),
  /** The conversation that this one came from: an answer that nobody could verify, or a new subject. */
  linkedTo: z.string().optional(),
  /** It begins with an answer to a message of ours by somebody who is not known to have got that. */
  isUnverifiedReply: z.literal(true).optional(),
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
  /** Which of us, where it was said. */
  agent: z.string().optional(),
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
  /** The caller's id of this request: sending it again with the same id stores it once. Without one, no de-duplication is promised. */
  messageId: z.string().min(1).max(100).optional(),
  /** Shown to colleagues; who is speaking or acting. */
  agent: z.string().min(1).max(100).optional(),
});

export const agentMessageRequestSchema = agentRequestSchema.extend({ text: z.string().trim().min(1).max(10_000) });
export type AgentMessageRequest = z.infer<typeof agentMessageRequestSchema>;

/** Resolve or reopen. */
export const deedRequestSchema = agentRequestSchema;
export const snoozeRequestSchema = agentRequestSchema.extend({
  /** When it comes back: in the future, at most a year. */
  until: z.iso.datetime({ offset: true }),
});
export const assignRequestSchema = agentRequestSchema.extend({
  /** Null: nobody any more. */
  assignee: z.string().trim().min(1).max(100).nullable(),
});
export const splitRequestSchema = agentRequestSchema.extend({
  /** The message with which a conversation of its own begins. */
  message: z.string().min(1).max(200),
});
export const mergeRequestSchema = agentRequestSchema.extend({
  /** Any message of the conversation of which this one becomes a part. */
  into: z.string().min(1).max(200),
});
export const readRequestSchema = agentRequestSchema.omit({ messageId: true }).extend({
  /** The last message that was read. */
  upTo: z.string().min(1).max(200),
});

/** A conversation that we open. */
export const conversationRequestSchema = agentMessageRequestSchema.extend({
  customerId: z.string().min(1).max(100),
  /** How it reaches them; without it by mail where an address is known, else on the website. */
  channel: z.enum(['email', 'web']).optional(),
  subject: z.string().trim().min(1).max(200).optional(),
});

/** The message's id where the body names none; field-standard for clients that retry. */
export const idempotencyHeadersSchema = z.object({ 'idempotency-key': z.string().min(1).max(100).optional() });
