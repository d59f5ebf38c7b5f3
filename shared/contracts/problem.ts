import * as z from 'zod';

/** One fault in a request; `path` leads to it, parts joined by dots: `batch.3.event`. */
export const problemIssueSchema = z.object({ path: z.string(), message: z.string() });
export type ProblemIssue = z.infer<typeof problemIssueSchema>;

/** An error answer by RFC 9457. `type` is a stable URI reference, `instance` the request's id. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  issues: z.array(problemIssueSchema).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
