import * as z from 'zod';
import { interactionIdSchema } from '../timeline/timelineKeys.ts';

/** What the queue of sends holds of an answer: that it may have to be mailed. */
export const answerCommandSchema = z.strictObject({
  /** Id of the answer, a `message.sent`. */
  answer: interactionIdSchema,
});
export type AnswerCommand = z.infer<typeof answerCommandSchema>;

/** How long an answer waits in the widget to be read before it is mailed, in milliseconds. */
export const unreadAfterMs = 3 * 60 * 1000;
