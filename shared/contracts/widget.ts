import * as z from 'zod';
import { channelSchema, continuityReasonSchema } from './interaction.ts';

/** Times that fit an interaction's key: nine base-36 digits of milliseconds. */
function isStorable(text: string): boolean {
  const timeMs = Date.parse(text);
  return timeMs >= 0 && timeMs < 36 ** 9;
}

/** What broken pages send for want of an id. Everybody who shows one of these would read the same conversation. */
const junkId = /^(?:null|undefined|none|nan|unknown|anonymous|guest|true|false|\[object object\]|-?[0-]+|-1)$/i;

const anonymousIdSchema = z
  .string()
  .trim()
  .min(1)
  .max(512, { abort: true })
  .refine((id) => !junkId.test(id), 'expected an id of this browser alone')
  .describe('Chosen once for each browser, long and random: whoever knows it continues the conversation');

export const widgetSessionRequestSchema = z
  .object({
    anonymousId: anonymousIdSchema,
    userId: z
      .string()
      .max(512, { abort: true })
      .regex(/\S/, 'expected an id')
      .optional()
      .describe('Whoever is signed in on the page; proven by `userHash`, else only claimed'),
    userHash: z.string().max(128).optional().describe("Hex HMAC-SHA256 of `userId` with the source's identity secret"),
    claims: z
      .object({
        email: z
          .string()
          .trim()
          .max(254, { abort: true })
          .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'expected an email address')
          .optional(),
        phone: z
          .string()
          .trim()
          .max(40, { abort: true })
          .regex(/^\+?(?:[\s()./-]*\d){3,}[\s()./-]*$/, 'expected a phone number')
          .optional(),
        name: z.string().trim().min(1).max(200).optional(),
      })
      .optional(),
    language: z
      .string()
      .trim()
      .max(35, { abort: true })
      .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, 'expected a language tag')
      .optional()
      .describe('BCP 47: `de`, `en-GB`'),
    writeKey: z.string().max(200).optional().describe('The browser write key, where no header shows it'),
  })
  .refine(({ userId, userHash }) => userHash === undefined || userId !== undefined, {
    path: ['userId'],
    message: 'expected beside userHash',
  });
export type WidgetSessionRequest = z.infer<typeof widgetSessionRequestSchema>;

/** The last words of a conversation: who said them, when, over which channel. */
export const endedWithSchema = z.object({
  text: z.string(),
  by: z.enum(['customer', 'agent', 'system']),
  at: z.iso.datetime(),
  channel: channelSchema,
});
export type EndedWith = z.infer<typeof endedWithSchema>;

export const widgetSessionSchema = z.object({
  token: z.string(),
  expiresAt: z.iso.datetime(),
  anonymousId: z
    .string()
    .optional()
    .describe("Of a resumed conversation: the browser's own, made up where it named none"),
  conversation: z.object({ conversationId: z.string(), endedWith: endedWithSchema }).optional(),
});
export type WidgetSession = z.infer<typeof widgetSessionSchema>;

export const widgetMessageRequestSchema = z.object({
  messageId: z.string().min(1).max(100),
  text: z.string().trim().min(1).max(10_000),
  sentAt: z.iso
    .datetime({ offset: true, abort: true })
    .refine(isStorable, 'expected a time from 1970 to 5188')
    .describe("The browser's time; the same on every retry, since it recognises the message"),
});
export type WidgetMessageRequest = z.infer<typeof widgetMessageRequestSchema>;

export const storedSchema = z.object({ id: z.string() });

export const messageSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  by: z.enum(['customer', 'agent', 'system']),
  channel: channelSchema,
  text: z.string(),
  reason: continuityReasonSchema.optional().describe('To agents: why it belongs to the conversation'),
  subject: z.string().optional().describe("To agents: a mail's subject"),
  agent: z.string().optional().describe('To agents: who of us it was'),
  internal: z.literal(true).optional().describe('A note among colleagues; customers never get it'),
});
export type Message = z.infer<typeof messageSchema>;

/** In order of arrival. `next` is handed back as `after=`; a message may come twice, so clients de-duplicate by id. */
export const messagePageSchema = z.object({ messages: z.array(messageSchema), next: z.string().nullable() });
export type MessagePage = z.infer<typeof messagePageSchema>;

/** The link in a mail, and the browser in which it was followed: only with its id it may try again. */
export const widgetResumeRequestSchema = z.object({
  token: z.string().min(1).max(4_000),
  anonymousId: anonymousIdSchema.optional(),
});

export const historyQuerySchema = z.object({
  before: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Newest first. `next` is handed back as `before=`; a page may hold fewer than `limit` and still have a `next`. */
export const historyPageSchema = z.object({
  messages: z.array(messageSchema.extend({ conversationId: z.string().optional() })),
  next: z.string().nullable(),
});
export type HistoryPage = z.infer<typeof historyPageSchema>;
