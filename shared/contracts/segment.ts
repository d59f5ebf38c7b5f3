import * as z from 'zod';

/** Limits of the Segment spec. */
export const maxEventsPerBatch = 2_500;
export const maxRequestBytes = 500 * 1024;
export const maxEventBytes = 32 * 1024;

export const segmentEventTypeSchema = z.enum(['track', 'identify', 'page', 'screen', 'group', 'alias']);
export type SegmentEventType = z.infer<typeof segmentEventTypeSchema>;

/** Ids as senders write them: numbers count as text, null and blanks as absent. */
const idText = (maxLength: number) =>
  z
    .union([z.string(), z.number()], { error: 'expected text' })
    .nullish()
    .transform((value) => (value === null || value === undefined ? undefined : String(value).trim() || undefined))
    .pipe(
      z
        .string()
        .max(maxLength, `longer than ${maxLength} characters`)
        .refine((text) => text.isWellFormed(), 'not well-formed Unicode')
        .optional(),
    );

const requiredIdText = (message: string) => idText(512).pipe(z.string({ error: message }));

const freeObject = z
  .record(z.string(), z.unknown(), { error: 'expected an object' })
  .nullish()
  .transform((value) => value ?? {});

const commonFields = {
  messageId: idText(100),
  userId: idText(512),
  anonymousId: idText(512),
  context: freeObject,
};
const viewFields = { ...commonFields, name: idText(1_000), category: idText(1_000), properties: freeObject };

/** What is read of an event; times are read apart, since only the first of them that is present counts. */
export const segmentEventSchema = z.discriminatedUnion(
  'type',
  [
    z.object({
      ...commonFields,
      type: z.literal('track'),
      event: z.string('expected the name of the event').trim().min(1, 'expected the name of the event'),
      properties: freeObject,
    }),
    z.object({ ...commonFields, type: z.literal('identify'), traits: freeObject }),
    z.object({ ...viewFields, type: z.literal('page') }),
    z.object({ ...viewFields, type: z.literal('screen') }),
    z.object({
      ...commonFields,
      type: z.literal('group'),
      groupId: requiredIdText('expected the id of the group'),
      traits: freeObject,
    }),
    z.object({
      ...commonFields,
      type: z.literal('alias'),
      previousId: requiredIdText('expected the id that the user had before'),
    }),
  ],
  { error: `expected one of ${segmentEventTypeSchema.options.join(', ')}` },
);
export type SegmentEvent = z.infer<typeof segmentEventSchema>;

/** Body of a single call or a batch; parsed event by event, since one bad event must not cost the others. */
export const segmentBodySchema = z.looseObject({
  batch: z
    .array(z.unknown())
    .max(maxEventsPerBatch, `more than ${maxEventsPerBatch} events`)
    .nullish()
    .describe(
      'Events of the Segment spec, each with its `type`; without a batch the fields of one event stand beside `writeKey`',
    ),
  writeKey: z.string().nullish().describe('The key, where no header shows it'),
  context: z.record(z.string(), z.unknown()).nullish().describe('Of a batch: merged into the context of each event'),
});
export type SegmentBody = z.infer<typeof segmentBodySchema>;

export const rejectedEventSchema = z.object({
  index: z.number().int().describe('Place in the batch, from 0'),
  messageId: z.string().optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type RejectedEvent = z.infer<typeof rejectedEventSchema>;

/** Segment's own answer, with the events that were refused beside it. */
export const segmentAnswerSchema = z.object({
  success: z.literal(true),
  rejected: z.array(rejectedEventSchema).optional(),
});
export type SegmentAnswer = z.infer<typeof segmentAnswerSchema>;
