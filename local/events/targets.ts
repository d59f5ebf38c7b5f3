import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { openJournal } from '../openJournal.ts';
import type { Deployment, FunctionRuntime, LocalLog, Stoppable, TestClock } from '../ports.ts';
import { invokeAsync } from './asyncInvoke.ts';
import { findFunction, parseArn } from './awsNames.ts';
import { isRecord, parseJson } from './json.ts';
import { type Backoff, backoffMs, messageOf, settleWithin, startLifetime } from './lifetime.ts';
import { sendToQueue } from './queues.ts';

/** Something that a rule or a schedule sends to its target. */
export interface TargetDelivery {
  /** What sends it, for messages: a rule or a schedule. */
  sender: string;
  targetArn: string;
  /** The text that arrives: the body of a queue message, the JSON event of a function. */
  input: string;
  messageGroupId?: string;
  maximumRetryAttempts?: number;
  deadLetterArn?: string;
  /** Attributes that a message in the dead-letter queue carries, besides the error. */
  deadLetterAttributes: Record<string, string>;
}

export interface Targets extends Stoppable {
  /** Resolves when the target has it, or the dead-letter queue, or it was logged and dropped. Never rejects. */
  deliver(delivery: TargetDelivery): Promise<void>;
  /** How many deliveries are not finished. */
  pending(): number;
  /** Resolves when those that were under way at the call are finished. */
  settled(): Promise<void>;
}

export interface TargetsOptions {
  deployment: Deployment;
  functions: FunctionRuntime;
  clock: TestClock;
  sqs: SQSClient;
  /** The file that keeps the deliveries under way. */
  path: string;
  log: LocalLog;
  backoff?: Backoff;
}

// AWS tries 185 times within 24 hours; what has not worked here after a minute will not.
const mostRetries = 6;

/**
 * Delivers to functions and queues by ARN. A target that does not exist is not retried. From its call on a delivery
 * survives a crash: what the last platform had not finished is delivered again at the start.
 */
export function createTargets(options: TargetsOptions): Targets {
  const { deployment, sqs, log } = options;
  const lifetime = startLifetime();
  const backoff = options.backoff ?? { firstMs: 1_000, mostMs: 30_000 };
  const underWay = new Set<Promise<void>>();
  const journal = openJournal(options.path, isDelivery);
  const asyncInvocation = { ...options, lifetime, backoff, now: () => options.clock.now() };

  async function hand(delivery: TargetDelivery): Promise<void> {
    const { service } = parseArn(delivery.targetArn);
    if (service === 'sqs') {
      const { input: body, messageGroupId } = delivery;
      return sendToQueue(sqs, delivery.targetArn, { body, ...(messageGroupId !== undefined && { messageGroupId }) });
    }
    const target = service === 'lambda' ? findFunction(deployment, delivery.targetArn) : undefined;
    if (!target) throw new NoSuchTargetError(`no target ${delivery.targetArn} on this machine`);
    await invokeAsync(target, parseJson(delivery.input) ?? delivery.input, asyncInvocation);
  }

  async function deliver(delivery: TargetDelivery): Promise<void> {
    const retries = Math.min(delivery.maximumRetryAttempts ?? mostRetries, mostRetries);
    for (let tries = 1; ; tries++) {
      try {
        return await hand(delivery);
      } catch (error) {
        log(`${delivery.sender}: ${messageOf(error)}`);
        if (lifetime.ended) return;
        if (isFinal(error) || tries > retries) return bury(delivery, error, tries - 1);
        await lifetime.wait(backoffMs(backoff, tries));
      }
    }
  }

  async function bury(delivery: TargetDelivery, error: unknown, retries: number): Promise<void> {
    if (delivery.deadLetterArn === undefined) return log(`${delivery.sender}: dropped after ${retries} retries`);
    const attributes = {
      ...delivery.deadLetterAttributes,
      TARGET_ARN: delivery.targetArn,
      ERROR_CODE: isFinal(error) ? 'NO_RESOURCE' : 'SDK_CLIENT_ERROR',
      ERROR_MESSAGE: messageOf(error).slice(0, 1024),
      RETRY_ATTEMPTS: String(retries),
      ...(!isFinal(error) && { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' }),
    };
    await sendToQueue(sqs, delivery.deadLetterArn, { body: delivery.input, attributes }).catch((failure: unknown) =>
      log(`${delivery.sender}: dropped, its dead-letter queue answered: ${messageOf(failure)}`),
    );
  }

  function keep(): void {
    try {
      journal.flush();
    } catch (error) {
      log(`Deliveries under way would not survive a crash: ${messageOf(error)}`);
    }
  }

  function track(id: string, delivery: TargetDelivery): Promise<void> {
    const work = deliver(delivery).finally(() => {
      underWay.delete(work);
      // What broke off because everything stops is delivered after the next start.
      if (lifetime.ended) return;
      journal.remove(id);
      keep();
    });
    underWay.add(work);
    return work;
  }

  for (const [id, delivery] of journal.entries()) track(id, delivery).catch(() => undefined);

  return {
    deliver: async (delivery) => {
      const id = randomUUID();
      journal.put(id, delivery);
      keep();
      return track(id, delivery);
    },
    pending: () => underWay.size,
    settled: async () => {
      await Promise.all(underWay);
    },
    stop: async () => {
      lifetime.end();
      await settleWithin(Promise.all(underWay), 5_000);
      journal.close();
    },
  };
}

function isDelivery(value: unknown): value is TargetDelivery {
  return isRecord(value) && typeof value.targetArn === 'string' && typeof value.input === 'string';
}

class NoSuchTargetError extends Error {
  override name = 'NoSuchTargetError';
}

function isFinal(error: unknown): boolean {
  return error instanceof Error && ['NoSuchTargetError', 'QueueDoesNotExist'].includes(error.name);
}
