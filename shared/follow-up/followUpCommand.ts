import * as z from 'zod';

/** What the queue of follow-ups holds: that a step of a playbook is due for a customer because of an interaction. */
export const followUpCommandSchema = z.strictObject({
  playbook: z.string().min(1).max(64),
  step: z.string().min(1).max(64),
  /** Id of the interaction that is the cause. */
  occasion: z.string().min(1).max(100),
  /** Any leaf of the customer. */
  customerId: z.string().min(1).max(64),
});
export type FollowUpCommand = z.infer<typeof followUpCommandSchema>;
