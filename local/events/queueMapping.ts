import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeployedResource, FunctionRuntime, LocalLog, Stoppable, TestClock } from '../ports.ts';
import { failedItems } from './batchResponse.ts';
import { compileFilterCriteria } from './filterCriteria.ts';
import { asList, asNumber, asRecord, asText } from './json.ts';
import { backoffMs, createBell, messageOf, settleWithin, startLifetime } from './lifetime.ts';
import { inPayloads, type QueueRecord, toQueueRecord } from './queueRecords.ts';
import { queueUrl } from './queues.ts';

export interface QueueMappingOptions {
  /** The AWS::Lambda::EventSourceMapping. */
  mapping: DeployedResource;
  /** The function that it feeds. */
  target: DeployedResource;
  functions: FunctionRuntime;
  clock: TestClock;
  sqs: SQSClient;
  log: LocalLog;
}

export interface QueueMapping extends Stoppable {
  /** For people. */
  name: string;
  /**
   * Resolves when nothing is visible and nothing is being handled. Messages with a delay are not waited for, nor failed
   * ones until their visibility time-out.
   */
  settled(): Promise<void>;
}

interface QueueSettings {
  queueArn: string;
  batchSize: number;
  windowMs: number;
  maximumConcurrency: number;
  reportBatchItemFailures: boolean;
}

const longPollSeconds = 20;
const mostPerReceive = 10;
const mostVisibilitySeconds = 12 * 60 * 60;

/**
 * Feeds a function from a queue as Lambda does. What succeeded is deleted; what failed stays in flight until its
 * visibility time-out, which follows the clock, and is moved to the dead-letter queue by the queue's own redrive policy.
 */
export function startQueueMapping(options: QueueMappingOptions): QueueMapping {
  const { mapping, target, functions, clock, sqs } = options;
  const settings = readQueueSettings(mapping.properties);
  const passes = compileFilterCriteria(mapping.properties.FilterCriteria);
  const lifetime = startLifetime();
  const slots = createBell(lifetime);
  const underWay = new Set<Promise<void>>();
  /** By message id until when a failed message stays invisible, by the clock. */
  const failed = new Map<string, { untilMs: number; receiptHandle: string }>();
  const name = `Queue ${settings.queueArn} to ${target.logicalId}`;
  const log = (line: string) => options.log(`${name}: ${line}`);

  async function receive(most: number, waitSeconds: number): Promise<QueueRecord[]> {
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await queueUrl(sqs, settings.queueArn),
        MaxNumberOfMessages: Math.min(most, mostPerReceive),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: lifetime.signal },
    );
    const records = (answer.Messages ?? []).map((message) => toQueueRecord(message, settings.queueArn));
    for (const { messageId } of records) failed.delete(messageId);
    const wanted = records.filter(passes);
    if (wanted.length < records.length) await remove(records.filter((record) => !wanted.includes(record)));
    return wanted;
  }

  /** The first messages at once, more of them until the batch is full or the window is over. */
  async function gather(): Promise<QueueRecord[]> {
    const batch = await receive(settings.batchSize, longPollSeconds);
    const endsAt = performance.now() + settings.windowMs;
    while (batch.length > 0 && batch.length < settings.batchSize && !lifetime.ended) {
      const leftSeconds = Math.ceil((endsAt - performance.now()) / 1000);
      if (leftSeconds <= 0) break;
      batch.push(...(await receive(settings.batchSize - batch.length, Math.min(leftSeconds, longPollSeconds))));
    }
    return batch;
  }

  async function remove(records: readonly QueueRecord[]): Promise<void> {
    const QueueUrl = await queueUrl(sqs, settings.queueArn);
    for (let from = 0; from < records.length; from += mostPerReceive) {
      const Entries = records
        .slice(from, from + mostPerReceive)
        .map((record, index) => ({ Id: String(index), ReceiptHandle: record.receiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  async function deliverAll(batch: readonly QueueRecord[]): Promise<void> {
    for (const records of inPayloads(batch)) await deliver(records);
  }

  async function deliver(records: readonly QueueRecord[]): Promise<void> {
    const result = await invoke(records);
    if (!result.ok) log(`${result.errorType}: ${result.errorMessage}`);
    const known = new Set(records.map((record) => record.messageId));
    const reported = failedItems(result, known, settings.reportBatchItemFailures);
    const isFailed = ({ messageId }: QueueRecord) => reported === undefined || reported.has(messageId);
    await remove(records.filter((record) => !isFailed(record)));
    const left = records.filter(isFailed);
    if (left.length === 0) return;
    const untilMs = clock.now() + (await visibilityMs());
    for (const { messageId, receiptHandle } of left) failed.set(messageId, { untilMs, receiptHandle });
  }

  /** What is being handled stays with who handles it: no function takes as long as a jump of the clock. */
  async function followClock(): Promise<void> {
    const QueueUrl = await queueUrl(sqs, settings.queueArn);
    const waiting = [...failed];
    for (const [messageId, { untilMs }] of waiting) if (untilMs <= clock.now()) failed.delete(messageId);
    for (const [, { untilMs, receiptHandle: ReceiptHandle }] of waiting) {
      const leftSeconds = Math.ceil((untilMs - clock.now()) / 1000);
      const VisibilityTimeout = Math.min(Math.max(leftSeconds, 0), mostVisibilitySeconds);
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    }
  }

  /** A throttled batch is offered again for half of its visibility time-out. */
  async function invoke(records: readonly QueueRecord[]) {
    const startedAt = performance.now();
    for (let throttles = 1; ; throttles++) {
      const result = await functions.invoke(target.logicalId, { Records: records });
      if (result.ok || !result.throttled || lifetime.ended) return result;
      const waitMs = backoffMs({ firstMs: 50, mostMs: 1_000 }, throttles);
      if (performance.now() + waitMs - startedAt > 0.5 * (await visibilityMs())) return result;
      await lifetime.wait(waitMs);
    }
  }

  async function visibilityMs(): Promise<number> {
    const attributes = await readAttributes(['VisibilityTimeout']);
    return asNumber(attributes.VisibilityTimeout, 30) * 1000;
  }

  async function readAttributes(
    AttributeNames: ('VisibilityTimeout' | 'ApproximateNumberOfMessages' | 'ApproximateNumberOfMessagesNotVisible')[],
  ): Promise<Record<string, string>> {
    const QueueUrl = await queueUrl(sqs, settings.queueArn);
    return (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!lifetime.ended) {
      try {
        if (underWay.size >= settings.maximumConcurrency) await slots.wait(Number.POSITIVE_INFINITY);
        else {
          const batch = await gather();
          failures = 0;
          if (batch.length > 0) track(deliverAll(batch));
        }
      } catch (error) {
        failures += 1;
        if (failures === 1 && !lifetime.ended) log(`receiving failed, trying again: ${messageOf(error)}`);
        await lifetime.wait(backoffMs({ firstMs: 50, mostMs: 5_000 }, failures));
      }
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log(`a delivered message may come again: ${messageOf(error)}`))
      .finally(() => {
        underWay.delete(tracked);
        slots.ring();
      });
    underWay.add(tracked);
  }

  async function isSettled(): Promise<boolean> {
    if (underWay.size > 0) return false;
    const held = await readAttributes(['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']);
    for (const [messageId, { untilMs }] of failed) if (untilMs < clock.now()) failed.delete(messageId);
    const handled = asNumber(held.ApproximateNumberOfMessagesNotVisible, 0) - failed.size;
    return held.ApproximateNumberOfMessages === '0' && handled <= 0 && underWay.size === 0;
  }

  const unsubscribe = clock.subscribe(() => {
    followClock().catch((error: unknown) => log(`failed messages do not follow the clock: ${messageOf(error)}`));
  });
  const running = run();
  return {
    name,
    settled: async () => {
      while (!lifetime.ended && !(await isSettled().catch(() => false))) await lifetime.wait(10);
    },
    stop: async () => {
      unsubscribe();
      lifetime.end();
      await settleWithin(Promise.all([running, ...underWay]), 5_000);
    },
  };
}

function readQueueSettings(properties: Record<string, unknown>): QueueSettings {
  return {
    queueArn: asText(properties.EventSourceArn) ?? '',
    batchSize: asNumber(properties.BatchSize, 10),
    windowMs: asNumber(properties.MaximumBatchingWindowInSeconds, 0) * 1000,
    maximumConcurrency: asNumber(asRecord(properties.ScalingConfig).MaximumConcurrency, 5),
    reportBatchItemFailures: asList(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
  };
}
