import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { functionLog, type Log, logger, metrics } from './log.ts';

/** One message of a queue; its body as it was sent. */
export interface QueueMessage {
  messageId: string;
  body: string;
}

/** A message that must come again, with the reason. */
export interface FailedMessage {
  messageId: string;
  error: unknown;
}

/** Says that a message is sound and only too early: it comes again after the queue's visibility time-out, unreported. */
export class TryAgainLater extends Error {
  override readonly name = 'TryAgainLater';
}

/**
 * The Lambda handler of a queue consumer. `consume` returns the messages that failed; the others are done and deleted.
 * A queue delivers at least once and in any order, so a message may come again also after it succeeded.
 */
export function queueFunction(options: {
  consume: (messages: QueueMessage[]) => Promise<FailedMessage[]>;
  log?: Log;
}): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const log = options.log ?? functionLog;
  const handle = async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const failed = await options.consume(event.Records.map(({ messageId, body }) => ({ messageId, body })));
    for (const { error, messageId } of failed) {
      if (error instanceof TryAgainLater) log.info('message comes again later', { messageId });
      else log.error('message failed', error, { messageId });
    }
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { throwOnEmptyMetrics: false }))
    .handler(handle);
}

/** Handles every message by itself, all at once: what one of them throws fails it alone. */
export async function eachMessage(
  messages: readonly QueueMessage[],
  handle: (message: QueueMessage) => Promise<void>,
): Promise<FailedMessage[]> {
  const outcomes = await Promise.allSettled(messages.map(async (message) => handle(message)));
  return messages.flatMap(({ messageId }, index) => {
    const outcome = outcomes[index];
    return outcome?.status === 'rejected' ? [{ messageId, error: outcome.reason }] : [];
  });
}
