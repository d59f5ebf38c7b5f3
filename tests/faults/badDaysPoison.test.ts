import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { clientSettings, findFunction } from '../../local/events/awsNames.ts';
import type { QueueDescription } from '../../local/messaging/describeQueues.ts';
import { activeReceiptRule } from '../../local/ses/receiptRule.ts';
import { openReceiptRuleSets } from '../../local/ses/receiptRuleSets.ts';
import { receivedNotification, type VerdictName } from '../../local/ses/receivedMail.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { Item } from '../../shared/platform/table.ts';
import { said } from '../support/leafInteractions.ts';
import { startTestPlatform, waitFor } from '../support/platform.ts';
import { itemOf } from '../support/projection.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

const platform = await startTestPlatform();
const doors = createFrontDoors(platform.url, platform.keys);
const sqs = new SQSClient(clientSettings(platform.endpoints.sqs));
const sns = new SNSClient(clientSettings(platform.endpoints.sns));
const s3 = new S3Client(clientSettings(platform.endpoints.s3));
const items = engineClient(platform.endpoints.dynamodb);
afterAll(() => {
  for (const client of [sqs, sns, s3, items]) client.destroy();
});

const recipient = `praxis@${platform.inboundDomain}`;
/** For machines that have a lot to do. */
const patienceMs = 60_000;
vi.setConfig({ testTimeout: 2 * patienceMs });
let mails = 0;

/** A sound mail; returns the word that only it holds. */
async function mail(): Promise<string> {
  const subject = `sound${String(1000 + mails++)}`;
  const from = 'lena.vogt@example.com';
  const headers = [`From: ${from}`, `To: ${recipient}`, `Subject: ${subject}`, `Message-ID: <${subject}@example.com>`];
  await doors.mail({ from, recipient }, [...headers, '', 'Is Minka due?', ''].join('\r\n'));
  return subject;
}

async function stands(word: string): Promise<Interaction | false> {
  const found = (await storedInteractions(platform)).filter((one) => JSON.stringify(one).includes(word));
  return found.length > 0 && (found[0] ?? false);
}

/** Every function that has a queue. */
function fedFromQueues(): string[] {
  const names = platform.deployment
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => String(properties.EventSourceArn).includes(':sqs:'))
    .map(({ properties }) => findFunction(platform.deployment, String(properties.FunctionName))?.physicalId ?? '');
  return names.map((name) => name.replace(`${platform.deployment.stackName}-`, ''));
}

/** The queue from which a function is fed. */
function queueOf(functionName: string) {
  const mapping = platform.deployment.ofType('AWS::Lambda::EventSourceMapping').find(({ properties }) => {
    const target = findFunction(platform.deployment, String(properties.FunctionName));
    return target?.physicalId.endsWith(functionName) && String(properties.EventSourceArn).includes(':sqs:');
  });
  const queue = platform.deployment.byArn(String(mapping?.properties.EventSourceArn));
  if (!queue) throw new Error(`${functionName} is not fed from a queue`);
  const { RedrivePolicy, VisibilityTimeout } = queue.properties as {
    RedrivePolicy: { maxReceiveCount: number };
    VisibilityTimeout: number;
  };
  return {
    url: queue.physicalId,
    name: queue.attributes.QueueName ?? '',
    mostReceives: RedrivePolicy.maxReceiveCount,
    visibilityMs: VisibilityTimeout * 1000,
  };
}

async function described(functionName: string): Promise<QueueDescription> {
  const { queues } = (await (await fetch(`${platform.url}/_local/queues`)).json()) as { queues: QueueDescription[] };
  const found = queues.find(({ name }) => name === queueOf(functionName).name);
  if (!found) throw new Error(`the queue of ${functionName} is not shown`);
  return found;
}

/** Lets the visibility time-out pass so often, or until a message that fails has been received too often. */
async function passTime(functionName: string, times?: number): Promise<void> {
  const { mostReceives, visibilityMs } = queueOf(functionName);
  await platform.drain(patienceMs);
  for (let passed = 0; passed < (times ?? mostReceives); passed++) {
    platform.clock.advance(visibilityMs + 1);
    await platform.drain(patienceMs);
  }
}

function logOf(functionName: string): string {
  return readFileSync(join(platform.dataDir, 'logs', `${functionName}.log`), 'utf8');
}

describe('a poison message', () => {
  test.each(fedFromQueues())(
    'for %s ends among the dead letters, with the reason, and holds nobody up',
    async (name) => {
      const QueueUrl = queueOf(name).url;
      const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `not for ${name}` }));
      const sound = await mail();
      expect(await waitFor(() => stands(sound), patienceMs)).toMatchObject({ type: 'message.received' });
      await passTime(name);
      const { deadLetters, inFlight, visible } = await described(name);
      expect([visible, inFlight]).toEqual([0, 0]);
      expect(deadLetters).toEqual([
        {
          messageId: sent.MessageId,
          sentAt: expect.any(String),
          receives: queueOf(name).mostReceives + 1,
          reason: `${name}: message failed: SyntaxError`,
          body: `not for ${name}`,
        },
      ]);
      // Deployed, the log line and the alarm over the dead-letter queues are what there is.
      expect(logOf(name)).toContain(`"messageId":"${sent.MessageId}"`);
    },
  );
});

describe('a mail that was announced but does not lie in the bucket', () => {
  const rule = activeReceiptRule(openReceiptRuleSets(join(platform.dataDir, 'receipt-rules.json')));
  const raw = (subject: string) =>
    Buffer.from(`From: jonas@example.com\r\nTo: ${recipient}\r\nSubject: ${subject}\r\n\r\nHello\r\n`);

  async function announce(subject: string) {
    if (!rule) throw new Error('mail is received');
    const id = `mail${randomUUID().replaceAll('-', '')}`;
    const objectKey = `${rule.prefix}${id}`;
    const pass = Object.fromEntries(['spam', 'virus', 'spf', 'dkim', 'dmarc'].map((name) => [name, 'PASS']));
    const received = {
      id,
      at: new Date(platform.clock.now()).toISOString(),
      from: 'jonas@example.com',
      recipients: [recipient],
      verdicts: pass as Record<VerdictName, 'PASS'>,
      raw: raw(subject),
    };
    const { bucket: bucketName, prefix: objectKeyPrefix, topicArn: TopicArn } = rule;
    const action = { topicArn: TopicArn, bucketName, objectKeyPrefix, objectKey };
    await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(receivedNotification(received, action)) }));
    return { Bucket: bucketName, Key: objectKey };
  }

  test('is taken in as soon as it does, others before it', async () => {
    const where = await announce('late');
    const sound = await mail();
    await waitFor(() => stands(sound), patienceMs);
    await platform.drain(patienceMs);
    expect(await stands('"subject":"late"')).toBe(false);
    await s3.send(new PutObjectCommand({ ...where, Body: raw('late') }));
    await passTime('receive-email', 1);
    expect(await stands('"subject":"late"')).toMatchObject({ type: 'message.received', channel: 'email' });
  });

  test('is a dead letter in the end, which says what is missing', async () => {
    const before = (await described('receive-email')).deadLetters.length;
    const { Key } = await announce('never');
    const sound = await mail();
    await waitFor(() => stands(sound), patienceMs);
    await passTime('receive-email');
    const letters = (await described('receive-email')).deadLetters.slice(before);
    expect(letters.map(({ reason }) => reason)).toEqual(['receive-email: message failed: NoSuchKey']);
    expect(letters[0]?.body).toContain(Key);
    expect(await stands('"subject":"never"')).toBe(false);
  });
});

describe('a record of the stream that nobody can read', () => {
  const leaf = 'poisonpoisonpoisonpoi0';
  const interaction = said('Hello', Date.now(), { leaf });
  const { pk, sk } = itemOf(interaction);
  const TableName = platform.deployment.ofType('AWS::DynamoDB::GlobalTable')[0]?.physicalId;
  const put = (item: Item) =>
    items.send(new PutItemCommand({ TableName, Item: marshall(item, { removeUndefinedValues: true }) }));
  const get = async (key: { pk: string; sk: string }) => {
    const { Item: found } = await items.send(
      new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
    );
    return found && unmarshall(found);
  };

  test('parks its leaf, which the operator sees with the item and the reason, and holds nobody up', async () => {
    await put({ ...itemOf(interaction), content: 'no JSON' });
    const { customerId } = await customerWho('Appointment Booked');
    expect(customerId).toMatch(/^[\w-]{22}$/);
    const parked = await waitFor(() => get({ pk: 'R#repair', sk: leaf }), patienceMs);
    expect(parked).toMatchObject({ state: 'parked', consumer: 'project-timeline', reason: 'undecodable', item: sk });
    const lines = logOf('project-timeline')
      .split('\n')
      .filter((line) => line.includes(leaf));
    expect(lines.some((line) => line.includes('leaf parked') && line.includes(sk))).toBe(true);
    expect(logOf('project-timeline')).toContain('"LeavesParked":1');
  });

  test('is folded once the item is mended, and its leaf leaves the list', async () => {
    await put(itemOf(interaction));
    for (let attempt = 1; attempt < 12; attempt++) {
      platform.clock.advance(15 * 60_000);
      await platform.drain(patienceMs);
      if ((await get({ pk: 'R#repair', sk: leaf })) === undefined) break;
    }
    expect(await get({ pk: 'R#repair', sk: leaf })).toBeUndefined();
    expect(await get({ pk, sk: '~h' })).toMatchObject({ entity: 'head' });
    const { interactions } = await doors.read(`/customers/${leaf}/timeline`);
    expect(interactions).toMatchObject([{ type: 'message.received', text: 'Hello' }]);
  });
});

/** Somebody whose interaction comes after the poison: resolves when it is folded. */
async function customerWho(event: string): Promise<{ customerId: string }> {
  const userId = `user-${event}`;
  await doors.server('/v1/track', { userId, event, messageId: event });
  return waitFor(async () => {
    const { customers } = await doors.read(`/customers?${new URLSearchParams({ identifier: `userId:${userId}` })}`);
    return (customers as { customerId: string }[])[0] ?? false;
  }, patienceMs);
}
