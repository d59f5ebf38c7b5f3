import * as z from 'zod';
import { identifierQuerySchema } from './identifier.ts';

const claimPrefix = 'claim:';

const linkEndSchema = z
  .string()
  .max(600)
  .transform(
    (text, context): { type: z.infer<typeof identifierQuerySchema>['type']; value: string; claimed?: true } => {
      const isClaim = text.startsWith(claimPrefix);
      const identifier = identifierQuerySchema.safeParse(isClaim ? text.slice(claimPrefix.length) : text);
      if (identifier.success) return { ...identifier.data, ...(isClaim ? { claimed: true } : {}) };
      context.issues.push({
        code: 'custom',
        input: text,
        message: identifier.error.issues[0]?.message ?? 'expected type:value',
      });
      return z.NEVER;
    },
  )
  .describe('`type:value`, or `claim:type:value` for what was only claimed under that identifier');

/** That two identifiers are one person's, or are not. */
export const linkRequestSchema = z.object({
  a: linkEndSchema,
  b: linkEndSchema,
  reason: z.string().trim().min(1).max(500).optional().describe("The agent's words; colleagues read them"),
  agent: z.string().min(1).max(100).optional(),
  messageId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("The caller's id of this request: the same again changes nothing, also after what it did was undone"),
});

/** `already`: they were one customer before, or the request is an old one. */
export const linkAnswerSchema = z.object({ customerId: z.string(), outcome: z.enum(['linked', 'already']) });
export type LinkAnswer = z.infer<typeof linkAnswerSchema>;

/** The customers of `a` and of `b` from now on. */
export const unlinkAnswerSchema = z.object({
  customerIds: z.tuple([z.string(), z.string()]),
  outcome: z.enum(['unlinked', 'already']),
});
export type UnlinkAnswer = z.infer<typeof unlinkAnswerSchema>;
