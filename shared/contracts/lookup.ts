import * as z from 'zod';
import { conversationSummarySchema } from './conversation.ts';

/** Whom to look up. An identifier that is empty, withheld or malformed is no fault: it matches nobody. */
export const lookupQuerySchema = z.object({
  number: z
    .string()
    .max(512)
    .optional()
    .describe('As the telephone system shows it: E.164, `00…`, or as it is dialled in the default country'),
  email: z.string().max(512).optional(),
  userId: z.string().max(512).optional(),
  format: z
    .enum(['json', 'text'])
    .optional()
    .describe('`text` answers only the name, as caller-name lookups want it; so does `Accept: text/plain`'),
  key: z.string().max(512).optional().describe('The lookup key, for callers that can set no header'),
});
export type LookupQuery = z.infer<typeof lookupQuerySchema>;

/**
 * Who it is, small and flat. `many`: the identifiers belong to different customers, which are the candidates; the
 * platform never guesses between them.
 */
export const lookupAnswerSchema = z.object({
  match: z.enum(['one', 'many', 'none']),
  customerId: z.string().optional(),
  name: z.string().optional(),
  company: z.string().optional(),
  language: z.string().optional(),
  openConversation: conversationSummarySchema
    .pick({ conversationId: true, endedWith: true, owes: true })
    .optional()
    .describe('The conversation with the latest message'),
  lastInteractionAt: z.iso.datetime().optional(),
  suggestion: z.string().optional(),
  candidates: z.array(z.object({ customerId: z.string(), name: z.string().optional() })).optional(),
  url: z.string().optional().describe("The customer's page in the console"),
});
export type LookupAnswer = z.infer<typeof lookupAnswerSchema>;
