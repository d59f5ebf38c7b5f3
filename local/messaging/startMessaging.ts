import { join } from 'node:path';
import { buildApp } from 'fauxqs';
import { asRecord, asText, parseJson } from '../events/json.ts';
import { isForeignHost } from '../gateway/isForeign.ts';
import type { Stoppable, TestClock } from '../ports.ts';
import { createStores, type Stores } from './createStores.ts';
import { openMessageStore, type QueuedMessage } from './openMessageStore.ts';
import { refuseLongDelays } from './refuseLongDelays.ts';

/** SQS, SNS and S3 in this process. Objects are files; accepted messages survive a crash, topics come from the template. */
export interface Messaging extends Stoppable {
  /** One endpoint for all three; an address, so that SDK clients put a bucket's name into the path. */
  endpoint: string;
  queueUrl(name: string): string;
  /** With the messages that it held when the last platform ended. */
  createQueue(name: string, attributes: Record<string, string>): void;
  createTopic(name: string, attributes: Record<string, string>): void;
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): void;
  createBucket(name: string): void;
  /** What every queue holds now. */
  queues(): QueueContent[];
}

export interface QueueContent {
  name: string;
  arn: string;
  /** The dead-letter queue of its redrive policy. */
  deadLetterArn: string | undefined;
  visible: QueuedMessage[];
  delayed: number;
  inFlight: QueuedMessage[];
}

export const region = 'eu-central-1';
export const accountId = '000000000000';

type Queue = ReturnType<Stores['sqsStore']['createQueue']>;

const mostObjectBytes = 64 * 1024 * 1024;

export interface MessagingOptions {
  /** Objects and messages lie here. */
  dataDir: string;
  clock: TestClock;
}

export async function startMessaging({ dataDir, clock }: MessagingOptions): Promise<Messaging> {
  const stores = await createStores(join(dataDir, 's3'));
  const messages = openMessageStore(join(dataDir, 'queues.jsonl'));
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  app.addHook('onRequest', async (request, reply) => {
    if (isForeignHost(request.headers.host)) await reply.code(403).send();
  });
  refuseLongDelays(app);
  // Mails have up to 40 MB; the package reads no more than a part of a multipart upload.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostObjectBytes }, (_, body, done) => done(null, body));
  // SDK clients take a date far from their own for a skewed clock and send refused calls again.
  app.addHook('onSend', async (_, reply) => {
    messages.flush();
    reply.header('date', new Date(clock.now()).toUTCString());
  });
  // The package's own start listens on every interface, and customers' mails lie here.
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  let offsetMs = clock.now() - Date.now();
  // Delays follow the clock; what is in flight is the business of who received it.
  const unsubscribe = clock.subscribe(() => {
    const movedMs = clock.now() - Date.now() - offsetMs;
    offsetMs += movedMs;
    for (const queue of stores.sqsStore.allQueues()) hasten(queue, movedMs);
    messages.flush();
  });
  function hasten(queue: Queue, movedMs: number): void {
    for (const message of queue.inspectMessages().delayed) {
      message.delayUntil = (message.delayUntil ?? 0) - movedMs;
      messages.changed(message);
    }
    queue.processTimers();
  }
  const queueUrl = (name: string) => `${address}/${accountId}/${name}`;
  return {
    endpoint: address,
    queueUrl,
    createQueue: (name, attributes) => {
      const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
      const queue = stores.sqsStore.createQueue(name, queueUrl(name), arn, attributes);
      for (const message of messages.messagesOf(name)) queue.enqueue(message);
      Object.assign(queue, { persistence: messages.listener });
    },
    createTopic: (name, attributes) => {
      stores.snsStore.createTopic(name, attributes, undefined, region);
    },
    subscribe: (topicArn, protocol, endpoint, attributes) => {
      stores.snsStore.subscribe(topicArn, protocol, endpoint, attributes);
    },
    createBucket: (name) => stores.s3Store.createBucket(name),
    queues: () => [...stores.sqsStore.allQueues()].map(contentOf),
    stop: async () => {
      unsubscribe();
      await app.close();
      messages.close();
    },
  };
}

function contentOf(queue: Queue): QueueContent {
  queue.processTimers();
  const { ready, delayed, inflight } = queue.inspectMessages();
  return {
    name: queue.name,
    arn: queue.arn,
    deadLetterArn: asText(asRecord(parseJson(queue.attributes.RedrivePolicy ?? '')).deadLetterTargetArn),
    visible: ready,
    delayed: delayed.length,
    inFlight: inflight.map(({ message }) => message),
  };
}
