import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger, metrics } from './log.ts';

/** The Lambda handler of a function that a schedule runs. What it throws makes the scheduler try again. */
export function scheduledFunction(run: () => Promise<void>): (event: unknown, context: Context) => Promise<void> {
  return middy<unknown, void>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { throwOnEmptyMetrics: false }))
    .handler(run);
}
