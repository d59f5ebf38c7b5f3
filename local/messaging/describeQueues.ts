import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRecord, asText, parseJson } from '../events/json.ts';
import type { Deployment } from '../ports.ts';
import type { QueuedMessage } from './openMessageStore.ts';
import type { Messaging, QueueContent } from './startMessaging.ts';

/** A queue as an operator looks at it. */
export interface QueueDescription {
  name: string;
  visible: number;
  delayed: number;
  inFlight: number;
  deadLetters: DeadLetter[];
}

export interface DeadLetter {
  messageId: string;
  /** ISO 8601, by the machine's clock. */
  sentAt: string;
  receives: number;
  reason: string;
  body: string;
}

export interface DescribeQueuesOptions {
  messaging: Pick<Messaging, 'queues'>;
  deployment: Deployment;
  /** Where the functions' logs lie. */
  logDirectory: string;
}

/**
 * Every queue with its dead letters and why they are there: those that were received too often, and the content of
 * queues that nobody consumes, such as the notes about given-up stream records.
 */
export function describeQueues({ messaging, deployment, logDirectory }: DescribeQueuesOptions): QueueDescription[] {
  const all = messaging.queues();
  const consumed = new Set(
    deployment.ofType('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties.EventSourceArn),
  );
  const redriven = new Set(all.map(({ deadLetterArn }) => deadLetterArn));
  const logs = readLogs(logDirectory);
  return all
    .filter(({ arn }) => !redriven.has(arn))
    .map((queue) => {
      const lettersIn = consumed.has(queue.arn) ? all.find(({ arn }) => arn === queue.deadLetterArn) : queue;
      const { name, visible, delayed, inFlight } = queue;
      return {
        name,
        visible: visible.length,
        delayed,
        inFlight: inFlight.length,
        deadLetters: lettersIn ? deadLettersIn(lettersIn, logs) : [],
      };
    });
}

function deadLettersIn({ visible, inFlight }: QueueContent, logs: readonly string[]): DeadLetter[] {
  return [...visible, ...inFlight].map((message) => ({
    messageId: message.messageId,
    sentAt: new Date(message.sentTimestamp).toISOString(),
    receives: message.approximateReceiveCount,
    reason: reasonOf(message, logs),
    body: message.body,
  }));
}

/** As who sent the letter says; of a message that was received too often as the function's log says. */
function reasonOf({ body, messageAttributes, messageId }: QueuedMessage, logs: readonly string[]): string {
  const { ERROR_MESSAGE, ErrorMessage } = messageAttributes;
  const said = ERROR_MESSAGE?.StringValue ?? ErrorMessage?.StringValue;
  if (said !== undefined) return said;
  const { requestContext, DDBStreamBatchInfo } = asRecord(parseJson(body));
  const { condition, functionArn, approximateInvokeCount } = asRecord(requestContext);
  if (condition !== undefined) {
    const { startSequenceNumber, endSequenceNumber } = asRecord(DDBStreamBatchInfo);
    const records = startSequenceNumber ? `: stream records ${startSequenceNumber} to ${endSequenceNumber}` : '';
    return `${String(functionArn).split(':')[6]}: ${condition} after ${approximateInvokeCount} tries${records}`;
  }
  const line = logs.findLast((candidate) => candidate.includes(`"messageId":"${messageId}"`));
  const { service, message, fault } = asRecord(parseJson(line ?? ''));
  const { name, code } = asRecord(fault);
  const logged = [asText(service), asText(message), asText(name), asText(code)].filter((part) => part !== undefined);
  return logged.length > 0 ? logged.join(': ') : 'received too often; the log of its function may say why';
}

function readLogs(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'));
}
