import * as z from 'zod';
import { channelSchema } from './interaction.ts';

const opaqueId = z.string().min(1).max(512);

export const widgetSessionRequestSchema = z.object({
  anonymousId: opaqueId,
  userId: opaqueId.optional(),
  /** Hex HMAC-SHA256 of `userId` with the source's identity secret. */
  userHash: z.string().max(128).optional(),
  claims: z
    .object({
      email: z.string().min(3).max(254).optional(),
      phone: z.string().min(3).max(40).optional(),
      name: z.string().min(1).max(200).optional(),
    })
    .optional(),
  language: z.string().min(2).max(35).optional(),
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
  conversation: z.object({ conversationId: z.string(), endedWith: endedWithSchema }).optional(),
});
export type WidgetSession = z.infer<typeof widgetSessionSchema>;

export const widgetMessageRequestSchema = z.object({
  messageId: z.string().min(1).max(100),
  text: z.string().trim().min(1).max(10_000),
  sentAt: z.iso.datetime({ offset: true }),
});
export type WidgetMessageRequest = z.infer<typeof widgetMessageRequestSchema>;

export const storedSchema = z.object({ id: z.string() });

export const messageSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  by: z.enum(['customer', 'agent', 'system']),
  channel: channelSchema,
  text: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

/** In order of arrival. `next` is handed back as `after=`; a message may come twice, so clients de-duplicate by id. */
export const messagePageSchema = z.object({ messages: z.array(messageSchema), next: z.string().nullable() });
export type MessagePage = z.infer<typeof messagePageSchema>;
