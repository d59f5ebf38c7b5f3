import * as z from 'zod';

/** Body of a single call or a batch; parsed event by event, since one bad event must not cost the others. */
export const segmentBodySchema = z.looseObject({
  batch: z.array(z.unknown()).max(2_500).optional(),
  writeKey: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  integrations: z.record(z.string(), z.unknown()).optional(),
  sentAt: z.unknown().optional(),
});

export const rejectedEventSchema = z.object({
  index: z.number().int(),
  messageId: z.string().optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
});

/** Segment's own answer, with the events that were refused beside it. */
export const segmentAnswerSchema = z.object({
  success: z.literal(true),
  rejected: z.array(rejectedEventSchema).optional(),
});
