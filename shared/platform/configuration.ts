import type * as z from 'zod';

/**
 * Reads a function's configuration from its environment, once, at start.
 * Throws one error that lists every missing or malformed variable, so that a wrong deployment explains itself.
 */
export function readConfiguration<T>(schema: z.ZodType<T>, environment: Record<string, string | undefined>): T {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The configuration of this function is not usable:\n${faults.join('\n')}`);
}
