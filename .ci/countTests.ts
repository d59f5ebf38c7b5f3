import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** Counts of one step: what passed and what failed. */
export interface Counts {
  passed: number;
  failed: number;
}

/**
 * Counts a report of vitest (`--reporter=json`). A file that could not be collected, or a run that failed although every
 * test passed (an unhandled error), counts as one failure: nothing that went wrong is invisible in the sum.
 */
export function countTests(report: unknown): Counts {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, testResults, success } = parsed.data;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = numFailedTests + brokenFiles.length;
  return { passed, failed: failed === 0 && (!success || passed === 0) ? 1 : failed };
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

async function readReport(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const { passed, failed } = countTests(await readReport(process.argv[2] ?? ''));
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}
