import * as z from 'zod';
import { conversationSummarySchema } from './conversation.ts';
import { identifierQuerySchema, identifierSchema, trustSchema } from './identifier.ts';
import { interactionSchema, interactionSummarySchema } from './interaction.ts';

export const customerSchema = z.object({
  customerId: z.string(),
  name: z.string().optional(),
  identifiers: z.array(identifierSchema),
});
export type Customer = z.infer<typeof customerSchema>;

export const customerListSchema = z.object({
  customers: z.array(customerSchema),
  more: z.literal(true).optional().describe('There may be others: a longer query finds them'),
});
export type CustomerList = z.infer<typeof customerListSchema>;

/** Whom to find: by one identifier, or by what a person types. */
export const customerSearchSchema = z.object({
  identifier: identifierQuerySchema
    .optional()
    .describe('`type:value`; first the customer who has it, then to whom it may belong and who merely claimed it'),
  query: z
    .string()
    .max(200)
    .optional()
    .describe('Beginnings of the words of a name, at least three letters of one, or the last seven digits of a number'),
});

/** Sums of what a customer bought in one currency; amounts in minor units (cents), so that adding stays exact. */
export const moneySchema = z.object({ currency: z.string(), orders: z.number().int(), revenueMinor: z.number().int() });

export const profileSchema = customerSchema.extend({
  language: z.string().optional(),
  timeZone: z.string().optional(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  interactions: z.object({
    total: z.number().int(),
    byType: z.record(z.string(), z.number().int()),
    byChannel: z.record(z.string(), z.number().int()),
  }),
  money: z.array(moneySchema),
});
export type Profile = z.infer<typeof profileSchema>;

export const purchaseSchema = z.object({
  at: z.iso.datetime(),
  orderId: z.string().optional(),
  currency: z.string().optional(),
  revenueMinor: z.number().int().optional(),
  items: z.array(z.string()),
});
export type Purchase = z.infer<typeof purchaseSchema>;

export const consentSchema = z.object({ state: z.enum(['granted', 'withdrawn']), at: z.iso.datetime() });

export const contextSchema = z.object({
  summary: z.string().describe('One sentence for the person who answers'),
  customer: z.object({
    customerId: z.string(),
    name: z.string().optional(),
    language: z.string().optional(),
    timeZone: z.string().optional(),
    identifiers: z.array(identifierSchema.extend({ trust: trustSchema })),
  }),
  conversations: z.array(conversationSummarySchema.omit({ customerId: true, name: true })),
  interactions: z.array(interactionSummarySchema),
  purchases: z.object({ last: z.array(purchaseSchema), favourites: z.array(z.string()) }),
  things: z.array(z.unknown()),
  upcoming: z.array(z.unknown()),
  consent: z
    .record(z.string(), consentSchema)
    .describe('By purpose, what the customer decided last about mails; a purpose without a decision is missing'),
  suggestion: z.object({ action: z.string().optional(), question: z.string().optional() }),
});
export type CustomerContext = z.infer<typeof contextSchema>;

export const timelineQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z.string().max(200).optional(),
  kinds: z
    .string()
    .max(500, { abort: true })
    .regex(/^(?:[a-z-]+(?:\.[a-z-]+)?(?:,[a-z-]+(?:\.[a-z-]+)?)*)?$/, 'expected types or nouns, separated by commas')
    .optional()
    .describe('Types or their nouns, comma-separated: `message,order.completed`'),
});

/** Newest first. `next` is handed back as `before=`. */
export const timelinePageSchema = z.object({ interactions: z.array(interactionSchema), next: z.string().nullable() });
export type TimelinePage = z.infer<typeof timelinePageSchema>;
