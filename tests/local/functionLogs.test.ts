import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { playDemo } from '../../local/demo/playDemo.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { metricNames } from '../../shared/platform/log.ts';
import { findLeaks, type Private, piecesOf } from '../support/personalData.ts';
import { startTestPlatform, type TestPlatform, waitFor } from '../support/platform.ts';
import { nele, privateInStory, privateOf, secretsOf } from '../support/privateInStory.ts';
import { storedInteractions } from '../support/storedInteractions.ts';
import { makeTrouble } from '../support/trouble.ts';

/*
 * What functions write down while the demo is told: enough to follow every interaction, and nothing about the person.
 *
 * Nobody learns from logs, metrics and keys who a customer is or what they said: not from the whole demo, and not from
 * what is refused or fails. Keys of items hold leaves, keyed hashes that only this deployment can compute.
 */

let platform: TestPlatform;
let secrets: Private[];
/** What stands on the timelines when the demo is over. */
let told: Interaction[];
const sessions: Private[] = [];

beforeAll(async () => {
  platform = await startTestPlatform();
  await playDemo(platform);
  told = await storedInteractions(platform);
  sessions.push(...(await makeTrouble(platform)));
  const hers = [...privateOf(nele), ...piecesOf('text of Nele', nele.text)];
  secrets = [...privateInStory(), ...hers, ...(await secretsOf(platform)), ...sessions];
}, 300_000);

/** Every line that a function wrote, metrics among them, with the function's name before it. */
function lines(): string[] {
  const directory = join(platform.dataDir, 'logs');
  return readdirSync(directory).flatMap((file) =>
    readFileSync(join(directory, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${file.replace('.log', '')} ${line}`),
  );
}

/** What the table orders and finds items by: table and inbox index. */
async function keysOfItems(): Promise<string[]> {
  const [table] = platform.deployment.ofType('AWS::DynamoDB::GlobalTable');
  const client = engineClient(platform.endpoints.dynamodb);
  const keys: string[] = [];
  for await (const page of paginateScan({ client }, { TableName: table?.physicalId, ConsistentRead: true })) {
    for (const item of page.Items ?? []) {
      const { pk, sk, inboxStatus, inboxSince } = unmarshall(item);
      keys.push([pk, sk, inboxStatus, inboxSince].join(' '));
    }
  }
  client.destroy();
  return keys;
}

async function keysOfObjects(): Promise<string[]> {
  const client = new S3Client({ ...clientSettings(platform.endpoints.s3), forcePathStyle: true });
  const buckets = platform.deployment.ofType('AWS::S3::Bucket').map(({ physicalId }) => physicalId);
  const pages = await Promise.all(buckets.map((Bucket) => client.send(new ListObjectsV2Command({ Bucket }))));
  client.destroy();
  return pages.flatMap(({ Contents = [] }) => Contents.map(({ Key = '' }) => Key));
}

describe('what is written down about a customer says nothing about the person', () => {
  test('in the logs and metrics of every function, whatever was taken in, refused or failed', () => {
    const written = lines();
    const functions = new Set(written.map((line) => line.split(' ')[0]));
    expect([...functions]).toEqual(
      expect.arrayContaining(['agent-api', 'collect-events', 'converse', 'lookup-customer', 'project-timeline']),
    );
    expect([...functions]).toEqual(
      expect.arrayContaining([
        'receive-call',
        'receive-delivery-event',
        'receive-email',
        'repair-leaf',
        'send-message',
      ]),
    );
    const events = ['request refused', 'request failed', 'message failed', 'leaf parked', 'InteractionsStored'];
    expect(events.filter((event) => !written.some((line) => line.includes(event)))).toEqual([]);
    expect(findLeaks(written, secrets)).toEqual([]);
  });

  test('in what the platform on this machine counts', async () => {
    const counted = await (await fetch(`${platform.url}/_local/metrics`)).text();
    expect(counted).toContain('"operation":"PutItem"');
    expect(findLeaks([counted], secrets)).toEqual([]);
  });

  test('in the keys of items and of their index', async () => {
    const keys = await keysOfItems();
    for (const kind of ['L#', 'K#', 'A#', 'V#', 'S#', 'T#'])
      expect(keys.some((key) => key.startsWith(kind))).toBe(true);
    expect(findLeaks(keys, secrets)).toEqual([]);
  });

  test('in the keys of mails and their parts, and in names of queues', async () => {
    const keys = await keysOfObjects();
    expect(keys.some((key) => key.startsWith('raw/'))).toBe(true);
    const queues = platform.deployment.ofType('AWS::SQS::Queue').map(({ physicalId }) => physicalId);
    expect(findLeaks([...keys, ...queues], secrets)).toEqual([]);
  });
});

interface Line {
  service: string;
  message: string;
  timestamp: string;
  function_request_id?: string;
  api_request_id?: string;
  facts?: { ids?: string[]; about?: string[]; types?: string[] } & Record<string, unknown>;
}

/** The log lines that name an interaction, in order of time, as somebody finds them who searches for its id. */
function linesAbout(id: string): Line[] {
  return lines()
    .filter((line) => line.includes(id))
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Line)
    .sort((one, other) => (one.timestamp < other.timestamp ? -1 : 1));
}

const steps = (found: Line[]) => found.map(({ message, service }) => `${service}: ${message}`);

describe('metrics', () => {
  test('are as many as their names: each has one dimension of one value', () => {
    const series = lines()
      .filter((line) => line.includes('"_aws"'))
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as EmbeddedMetrics)
      .flatMap(({ _aws: { CloudWatchMetrics }, ...values }) =>
        CloudWatchMetrics.flatMap(({ Dimensions, Metrics, Namespace }) =>
          Metrics.flatMap(({ Name }) =>
            Dimensions.map((names) => [Namespace, Name, ...names.map((name) => `${name}=${values[name]}`)].join(' ')),
          ),
        ),
      );
    const expected = metricNames.map((name) => `Throughline ${name} service=throughline`);
    expect(expected).toEqual(expect.arrayContaining([...new Set(series)]));
    expect(new Set(series).size).toBeGreaterThan(5);
  });
});

/** CloudWatch makes a metric of each name and each set of values of dimensions. */
interface EmbeddedMetrics {
  _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  [value: string]: unknown;
}

describe('what the dashboard asks of the logs', () => {
  test('stands in them: how many of which channel, and how long ago the oldest was received', () => {
    const facts = (message: string) => linesAbout(`"message":"${message}"`).map((line) => line.facts);
    const channels = new Set(facts('interactions taken in').map((one) => one?.channel));
    expect([...channels]).toEqual(expect.arrayContaining(['web', 'voice', 'email']));
    const stored = facts('interactions taken in').map((one) => Number(one?.stored));
    expect(Math.min(...stored)).toBeGreaterThanOrEqual(0);
    const received = facts('interactions projected').map((one) => Number(one?.oldestReceivedMs));
    expect(Math.min(...received)).toBeGreaterThan(Date.now() - 2 * 60 * 60 * 1000);
  });
});

describe('an interaction is followed by its id', () => {
  test('from the call that nobody took, over stream and queue, to the mail about it and its delivery', () => {
    const call = told.find(({ type }) => type === 'call.missed')?.id ?? '';
    const found = linesAbout(call);
    expect(steps(found)).toEqual([
      'receive-call: interactions taken in',
      'project-timeline: interactions projected',
      'decide-follow-ups: sends enqueued',
      'send-message: send due',
      'send-message: interactions taken in',
      'send-message: mail sent',
    ]);
    const mail = found[4]?.facts;
    expect(mail).toMatchObject({ channel: 'email', types: ['message.sent'], stored: 1, about: [call] });
    expect(steps(linesAbout(mail?.ids?.[0] ?? ''))).toEqual([
      'send-message: interactions taken in',
      'project-timeline: interactions projected',
      'receive-delivery-event: interactions taken in',
    ]);
  });

  test('also every other of the story, from where it was taken in to its projection', () => {
    const interactions = told.filter(({ type }) => !type.startsWith('identity.'));
    expect(interactions.length).toBeGreaterThan(20);
    const lost = interactions.filter(({ id }) => {
      const messages = linesAbout(id).map(({ message }) => message);
      return !(messages.includes('interactions taken in') && messages.includes('interactions projected'));
    });
    expect(lost.map(({ type }) => type)).toEqual([]);
  });

  test('each line says of which run of the function it is, and of which request at the API', () => {
    const all = linesAbout('"interactions taken in"');
    expect(all.filter(({ function_request_id: id }) => !/^[\w-]{36}$/.test(id ?? ''))).toEqual([]);
    const atApi = all.filter(({ service }) => ['converse', 'collect-events', 'receive-call'].includes(service));
    expect(atApi.length).toBeGreaterThan(10);
    expect(atApi.filter(({ api_request_id: id }) => !/^[\w-]{36}$/.test(id ?? ''))).toEqual([]);
  });

  test('a refusal is found by what its sender was told', async () => {
    const response = await fetch(`${platform.url}/customers?query=somebody`);
    const { instance } = (await response.json()) as { instance: string };
    const id = instance.replace('urn:throughline:request:', '');
    const [line] = await waitFor(() => linesAbout(id).length > 0 && linesAbout(id));
    expect(line).toMatchObject({ service: 'agent-api', message: 'request refused', api_request_id: id });
  });
});

describe('the search for personal data', () => {
  const notations: [string, string][] = [
    ['plain', 'mail to lena.vogt@example.com'],
    ['plain', 'MAIL TO LENA.VOGT@EXAMPLE.COM'],
    ['plain', '{"facts":{"path":"/customers?identifier=email%3Alena.vogt%40example.com"}}'],
    ['plain', '{"message":"lena.vogt\\u0040example.com"}'],
    ['plain', 'lena.vogt=40example.com'],
    ['digits', 'call from 030 / 23 125-117'],
    ['digits', 'call from 00493023125117'],
    ['digits', 'From=%2B493023125117'],
    ['base64', `x${Buffer.from('{"to":"lena.vogt@example.com"}').toString('base64')}`],
    ['base64', Buffer.from('to lena.vogt@example.com').toString('base64url')],
    ['base64', Buffer.from('to: lena.vogt@example.com').toString('base64')],
    ['hexadecimal', Buffer.from('lena.vogt@example.com').toString('hex')],
    ['hash', createHash('sha256').update('lena.vogt@example.com').digest('hex')],
  ];

  test.each(notations)('finds what was planted: %s, %s', (notation, line) => {
    expect(findLeaks(['nothing', line, 'nothing'], privateInStory())).toEqual(
      expect.arrayContaining([expect.objectContaining({ notation, line })]),
    );
  });

  test('finds three words of a message, a key, a token and a session in a log line', async () => {
    const [session] = sessions;
    const pepper = (await secretsOf(platform)).find(({ what }) => what.endsWith('/pepper'));
    const token = (await secretsOf(platform)).find(({ what }) => what === 'token in a mail');
    const planted = [
      'sneezing since yesterday',
      platform.keys.agentApiKey,
      session?.value,
      pepper?.value,
      token?.value,
    ];
    for (const value of planted) {
      expect(value).toMatch(/.{16,}/);
      expect(findLeaks([JSON.stringify({ facts: { value } })], secrets)).not.toEqual([]);
    }
  });

  test('takes random ids for nobody', () => {
    expect(findLeaks(['vOGTlenaJonasA-Vogt_baluXyZ.E0mhp3k2qf.minkaLenaReuterAA'], privateInStory())).toEqual([]);
  });
});
