import * as z from 'zod';
import { interactionIdSchema } from '../timeline/timelineKeys.ts';

/** Names and ids stand in logs: whatever else lies in the queue is refused before. */
const nameSchema = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9-]*$/);

/** What the queue of follow-ups holds: that a step of a playbook is due for a customer because of an interaction. */
export const followUpCommandSchema = z.strictObject({
  playbook: nameSchema,
  step: nameSchema,
  /** Id of the interaction that is the cause. */
  occasion: interactionIdSchema,
  /** Any leaf of the customer. */
  customerId: z.string().min(1).max(64),
});
export type FollowUpCommand = z.infer<typeof followUpCommandSchema>;
