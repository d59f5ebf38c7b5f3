import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp } from 'fauxqs';
import { isForeignHost } from '../gateway/isForeign.ts';
import type { Stoppable } from '../ports.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** SQS, SNS and S3 in this process. Queues and topics live in memory, objects as files. */
export interface Messaging extends Stoppable {
  /** One endpoint for all three; an address, so that SDK clients put a bucket's name into the path. */
  endpoint: string;
  queueUrl(name: string): string;
  createQueue(name: string, attributes: Record<string, string>): void;
  createTopic(name: string, attributes: Record<string, string>): void;
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): void;
  createBucket(name: string): void;
}

export const region = 'eu-central-1';
export const accountId = '000000000000';

const mostObjectBytes = 64 * 1024 * 1024;

export interface MessagingOptions {
  s3Directory: string;
  /** Epoch milliseconds of the test clock. */
  now(): number;
}

export async function startMessaging({ s3Directory, now }: MessagingOptions): Promise<Messaging> {
  const stores = await createStores(s3Directory);
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  app.addHook('onRequest', async (request, reply) => {
    if (isForeignHost(request.headers.host)) await reply.code(403).send();
  });
  // Mails have up to 40 MB; the package reads no more than a part of a multipart upload.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostObjectBytes }, (_, body, done) => done(null, body));
  // SDK clients take a date far from their own for a skewed clock and send refused calls again.
  app.addHook('onSend', async (_, reply) => {
    reply.header('date', new Date(now()).toUTCString());
  });
  // The package's own start listens on every interface, and customers' mails lie here.
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const queueUrl = (name: string) => `${address}/${accountId}/${name}`;
  return {
    endpoint: address,
    queueUrl,
    createQueue: (name, attributes) => {
      stores.sqsStore.createQueue(name, queueUrl(name), `arn:aws:sqs:${region}:${accountId}:${name}`, attributes);
    },
    createTopic: (name, attributes) => {
      stores.snsStore.createTopic(name, attributes, undefined, region);
    },
    subscribe: (topicArn, protocol, endpoint, attributes) => {
      stores.snsStore.subscribe(topicArn, protocol, endpoint, attributes);
    },
    createBucket: (name) => stores.s3Store.createBucket(name),
    stop: () => app.close(),
  };
}

/** The stores are not among the package's exports; its version is pinned and a test drives all three by the SDK. */
async function createStores(s3Directory: string): Promise<Stores> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (!manifest) throw new Error('The package fauxqs is not installed: run npm ci.');
  const load = async (file: string) => {
    const module: Record<string, unknown> = await import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
    return module;
  };
  const [sqs, sns, s3, files] = await Promise.all(
    ['sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js', 's3/fileS3Persistence.js'].map(load),
  );
  const create = (module: Record<string, unknown> = {}, name: string, ...args: unknown[]) =>
    new (module[name] as new (...args: unknown[]) => unknown)(...args);
  const s3Store = create(s3, 'S3Store') as Stores['s3Store'];
  const persistence = create(files, 'FileS3Persistence', s3Directory) as FilePersistence;
  persistence.loadS3(s3Store);
  s3Store.persistence = persistence;
  return {
    sqsStore: create(sqs, 'SqsStore') as Stores['sqsStore'],
    snsStore: create(sns, 'SnsStore') as Stores['snsStore'],
    s3Store,
  };
}

type FilePersistence = NonNullable<Stores['s3Store']['persistence']> & { loadS3(store: Stores['s3Store']): void };
