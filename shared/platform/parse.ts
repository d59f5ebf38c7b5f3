import type * as z from 'zod';
import type { ProblemIssue } from '../contracts/problem.ts';
import { PlatformError } from './errors.ts';

/** A zod error as the issues of a problem document; messages name types and limits, never the offending value. */
export function issuesOf(error: z.ZodError, prefix: readonly PropertyKey[] = []): ProblemIssue[] {
  return error.issues.map((issue) => ({
    path: [...prefix, ...issue.path].map(String).join('.'),
    message: issue.message,
  }));
}

/** Parses what crosses an edge. Throws `invalid-request` with the path of each fault. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PlatformError('invalid-request', `The ${what} is not valid.`, { issues: issuesOf(result.error) });
}
