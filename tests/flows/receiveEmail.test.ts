import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { headers, mail, multipart, practice } from '../support/mail.ts';
import { startTestPlatform, type TestPlatform, waitFor } from '../support/platform.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

let platform: TestPlatform;
let s3: S3Client;
let sqs: SQSClient;
let sns: SNSClient;
let mails = 0;

beforeAll(async () => {
  platform = await startTestPlatform();
  const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  s3 = new S3Client({ ...settings, endpoint: platform.endpoints.s3 });
  sqs = new SQSClient({ ...settings, endpoint: platform.endpoints.sqs });
  sns = new SNSClient({ ...settings, endpoint: platform.endpoints.sns });
});
afterAll(() => {
  for (const client of [s3, sqs, sns]) client.destroy();
});

/** Headers of a mail of its own, from an address of its own. */
function ownHeaders(more: Record<string, string | undefined> = {}): { address: string; head: string[] } {
  mails += 1;
  const address = `lena-${mails}@example.com`;
  const own = { From: `"Lena Vogt" <${address}>`, 'Message-ID': `<${mails}@example.com>` };
  return { address, head: headers({ ...own, ...more }) };
}

async function post(raw: Uint8Array, query = ''): Promise<string> {
  const response = await fetch(`${platform.url}/_local/email${query}`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822' },
    body: raw,
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { messageId: string }).messageId;
}

async function stored(isWanted: (interaction: Interaction) => boolean): Promise<Interaction[]> {
  await platform.drain();
  return (await storedInteractions(platform)).filter(({ type }) => type === 'message.received').filter(isWanted);
}

const from = (address: string) => (interaction: Interaction) =>
  interaction.identifiers.some(({ type, value }) => type === 'email' && value === address);
const keptAs =
  (sesMessageId: string) =>
  ({ properties }: Interaction) =>
    properties.objectKey === `raw/${sesMessageId}`;

const bucket = () => platform.deployment.ofType('AWS::S3::Bucket')[0]?.physicalId;

async function object(key: unknown) {
  const found = await s3.send(new GetObjectCommand({ Bucket: bucket(), Key: String(key) }));
  return { ...found, text: (await found.Body?.transformToString()) ?? '' };
}

/** Where the parts of a mail lie. */
function partsOf(interaction: Interaction | undefined): { htmlKey?: string; attachments: { key: string }[] } {
  return { attachments: [], ...interaction?.properties };
}

async function callApi(path: string): Promise<Record<string, unknown>> {
  const headersOfAgent = { authorization: `Bearer ${platform.keys.agentApiKey}` };
  return (await (await fetch(`${platform.url}${path}`, { headers: headersOfAgent })).json()) as Record<string, unknown>;
}

describe('a mail', () => {
  test('stands on the timeline of its sender, with its words, and its original is kept', async () => {
    const { address, head } = ownHeaders({ Subject: 'Minka is ill' });
    const sentAt = platform.clock.now();
    const id = await post(
      mail(head, ['She does not eat.', '', 'On Thu, Mar 12, 2026 Practice <p@vet.example> wrote:', '> Hello']),
    );
    const [interaction, ...others] = await stored(from(address));
    expect(others).toEqual([]);
    expect(interaction).toMatchObject({
      type: 'message.received',
      channel: 'email',
      direction: 'inbound',
      source: 'praxis',
      touchpoint: practice,
      trust: 'proven',
      identifiers: [{ type: 'email', value: address, trust: 'proven' }],
      text: 'She does not eat.',
      properties: {
        subject: 'Minka is ill',
        fromName: 'Lena Vogt',
        traits: { name: 'Lena Vogt' },
        to: [practice],
        attachments: [],
        objectKey: `raw/${id}`,
      },
    });
    expect(interaction?.properties).not.toHaveProperty('marks');
    expect(Date.parse(interaction?.occurredAt ?? '') - sentAt).toBeGreaterThanOrEqual(0);
    expect((await object(`raw/${id}`)).text).toContain('> Hello');

    const { customers } = await callApi(`/customers?identifier=email:${address}`);
    const [customer] = customers as { customerId: string }[];
    const { interactions } = await callApi(`/customers/${customer?.customerId}/timeline`);
    expect((interactions as Interaction[]).map(({ id: of }) => of)).toEqual([interaction?.id]);
  });

  test('with HTML and an attachment: both lie in the bucket, sanitised and to be saved, never shown as a page', async () => {
    const { address, head } = ownHeaders({ 'Content-Type': 'multipart/mixed; boundary=b' });
    const html = ['Content-Type: text/html', '', '<p>Look<script>alert(1)</script></p>'];
    const page = [
      'Content-Type: text/html; name=a.html',
      'Content-Disposition: attachment; filename="a.html"',
      '',
      '<script>',
    ];
    await post(mail(head, multipart('b', html, page)));
    const [interaction] = await stored(from(address));
    expect(interaction).toMatchObject({
      text: 'Look',
      properties: { attachments: [{ name: 'a.html', type: 'text/html', bytes: 9 }] },
    });
    expect(JSON.stringify(interaction)).not.toContain('alert');
    const { htmlKey, attachments } = partsOf(interaction);
    expect(await object(htmlKey)).toMatchObject({ text: '<p>Look</p>', ContentType: 'text/html; charset=utf-8' });
    expect(await object(attachments[0]?.key)).toMatchObject({
      ContentType: 'application/octet-stream',
      ContentDisposition: "attachment; filename*=UTF-8''a.html",
    });
  });

  test('goes where its envelope says, whatever its headers say', async () => {
    const { address, head } = ownHeaders({ To: 'somebody@elsewhere.example' });
    await post(mail(head), `?recipient=termine%2Bx@inbound.throughline.example`);
    expect(await stored(from(address))).toMatchObject([
      { source: 'termine', touchpoint: 'termine+x@inbound.throughline.example' },
    ]);
  });

  test('to two mailboxes stands once for each', async () => {
    const { address, head } = ownHeaders();
    const recipients =
      'praxis@inbound.throughline.example,Praxis@inbound.throughline.example,notfall@inbound.throughline.example';
    await post(mail(head), `?recipient=${recipients}`);
    expect((await stored(from(address))).map(({ source }) => source).sort()).toEqual(['notfall', 'praxis']);
  });

  test('to a recipient that is no mailbox of ours is kept, and says so', async () => {
    const { address, head } = ownHeaders();
    await post(mail(head), '?recipient=praxis@elsewhere.example');
    expect(await stored(from(address))).toMatchObject([
      { source: 'mail', touchpoint: 'praxis@elsewhere.example', properties: { marks: ['unknown-recipient'] } },
    ]);
  });
});

describe('the same mail', () => {
  test('delivered five times at once, each time with another id of SES, stands once', async () => {
    const { address, head } = ownHeaders({ 'Content-Type': 'multipart/mixed; boundary=b' });
    const raw = mail(
      head,
      multipart('b', ['Content-Type: text/plain', '', 'Once.'], ['Content-Type: image/png', '', 'x']),
    );
    const ids = await Promise.all(Array.from({ length: 5 }, () => post(raw)));
    expect(new Set(ids).size).toBe(5);
    const [interaction, ...others] = await stored(from(address));
    expect(others).toEqual([]);
    const prefix = partsOf(interaction).attachments[0]?.key.replace(/[^/]*$/, '');
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket(), Prefix: prefix }));
    expect(KeyCount).toBe(1);
  });

  test('announced again by the queue stands once, also without a Message-ID', async () => {
    const { address, head } = ownHeaders({ 'Message-ID': undefined, Date: undefined });
    const id = await post(mail(head));
    await stored(from(address));
    const topic = platform.deployment.ofType('AWS::SNS::Topic')[0]?.physicalId;
    const again = JSON.stringify(notification(id, address));
    for (let times = 0; times < 3; times++) await sns.send(new PublishCommand({ TopicArn: topic, Message: again }));
    expect(await stored(from(address))).toHaveLength(1);
  });

  test('is another one with another body or another id', async () => {
    const { address, head } = ownHeaders();
    await post(mail(head, ['One.']));
    await post(mail(head, ['Two.']));
    await post(
      mail([...head.filter((line) => !line.startsWith('Message-ID')), 'Message-ID: <other@example.com>'], ['One.']),
    );
    expect(await stored(from(address))).toHaveLength(3);
  });
});

describe('who wrote it', () => {
  test.each(['FAIL', 'GRAY', 'PROCESSING_FAILED', 'DISABLED'])(
    'is a claim where DMARC says %s: the mail lies apart and renames nobody',
    async (verdict) => {
      const { address, head } = ownHeaders();
      await post(mail(head), `?dmarc=${verdict}`);
      const [interaction] = await stored(from(address));
      expect(interaction).toMatchObject({
        trust: 'claimed',
        identifiers: [{ type: 'email', value: address, trust: 'claimed' }],
        properties: { fromName: 'Lena Vogt', marks: ['unverified-sender'] },
      });
      expect(interaction?.properties).not.toHaveProperty('traits');
      const { customers } = await callApi(`/customers?identifier=email:${address}`);
      // Only whoever claims it: nobody has the address, and nobody is called what the mail says.
      expect(customers).toEqual([
        { customerId: expect.any(String), identifiers: [{ type: 'email', value: address, trust: 'claimed' }] },
      ]);
    },
  );

  test('is a claim where the From header names two, or stands twice', async () => {
    const { address, head } = ownHeaders();
    await post(mail([...head, 'From: victim@example.com']));
    expect(await stored(from(address))).toMatchObject([
      { trust: 'claimed', properties: { marks: ['several-senders', 'unverified-sender'] } },
    ]);
    const two = ownHeaders();
    await post(mail(headers({ From: `${two.address}, victim@example.com` })));
    expect(await stored(from(two.address))).toMatchObject([
      { trust: 'claimed', properties: { marks: ['several-senders', 'unverified-sender'] } },
    ]);
  });

  test('is the envelope’s sender where the headers name none', async () => {
    await post(mail(ownHeaders({ From: undefined }).head), '?from=jonas@example.com');
    expect(await stored(from('jonas@example.com'))).toMatchObject([{ properties: { marks: ['no-sender'] } }]);
  });

  test('is nobody where the envelope is silent, too: the mail has a leaf of its own', async () => {
    const id = await post(mail(ownHeaders({ From: 'undisclosed:;' }).head), '?from=');
    expect(await stored(keptAs(id))).toMatchObject([
      {
        identifiers: [{ type: 'externalId', value: `mail:${id}`, trust: 'claimed' }],
        properties: { autoSubmitted: 'null-return-path', marks: ['no-sender'] },
      },
    ]);
  });
});

describe('a mail that nobody would want', () => {
  test('with a virus is noted, and nothing is taken out of it', async () => {
    const { address, head } = ownHeaders({ 'Content-Type': 'multipart/mixed; boundary=b' });
    await post(
      mail(head, multipart('b', ['Content-Type: text/plain', '', 'Open it!'], ['Content-Type: a/b', '', 'x'])),
      '?virus=FAIL',
    );
    const [interaction] = await stored(from(address));
    expect(interaction).toMatchObject({ properties: { subject: 'Minka', attachments: [], marks: ['virus'] } });
    expect(interaction).not.toHaveProperty('text');
    expect(interaction?.properties).not.toHaveProperty('htmlKey');
  });

  test('that is spam is kept and says so', async () => {
    const { address, head } = ownHeaders();
    await post(mail(head), '?spam=FAIL');
    expect(await stored(from(address))).toMatchObject([{ text: 'Is Minka due?', properties: { marks: ['spam'] } }]);
  });

  test('by a machine says so and renames nobody', async () => {
    const { address, head } = ownHeaders({ 'Auto-Submitted': 'auto-replied', Subject: 'Out of office' });
    await post(mail(head));
    const [interaction] = await stored(from(address));
    expect(interaction?.properties.autoSubmitted).toBe('auto-submitted');
    expect(interaction?.properties).not.toHaveProperty('traits');
  });

  test.each([
    ['no mail at all', Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x01])],
    ['words', Buffer.from('hello, is anybody there?')],
  ])('being %s is kept and says so', async (_name, raw) => {
    const id = await post(raw, `?from=odd@example.com&recipient=${practice}`);
    const [interaction] = await stored(keptAs(id));
    expect(interaction).toMatchObject({ properties: { marks: ['unparseable', 'no-sender'], attachments: [] } });
    expect(interaction).not.toHaveProperty('text');
  });

  test('of 39 MB stands on the timeline with its attachment', { timeout: 60_000 }, async () => {
    const { address, head } = ownHeaders({ 'Content-Type': 'multipart/mixed; boundary=b' });
    const line = 'QUJD'.repeat(19);
    const scan = Array.from({ length: (39 * 1024 * 1024) / 78 }, () => line).join('\r\n');
    const part = ['Content-Type: application/pdf; name=scan.pdf', 'Content-Transfer-Encoding: base64', '', scan];
    await post(mail(head, multipart('b', ['Content-Type: text/plain', '', 'My scan.'], part)));
    const [interaction] = await waitFor(async () => {
      const found = await stored(from(address));
      return found.length > 0 && found;
    }, 45_000);
    expect(interaction).toMatchObject({
      text: 'My scan.',
      properties: { attachments: [{ name: 'scan.pdf', bytes: 29_884_416 }] },
    });
  });

  test('of a thousand parts stands there with the first fifty', async () => {
    const { address, head } = ownHeaders({ 'Content-Type': 'multipart/mixed; boundary=b' });
    const parts = Array.from({ length: 1_000 }, (_, index) => [`Content-Type: image/png; name=${index}.png`, '', 'x']);
    await post(mail(head, multipart('b', ...parts)));
    const [interaction] = await stored(from(address));
    expect(interaction?.properties.marks).toEqual(['attachments-left-out']);
    expect(interaction?.properties.attachments).toHaveLength(50);
  });
});

test('an announcement that is none goes to the dead letters and holds up nobody', async () => {
  const [queue, deadLetters] = ['Queue', 'DeadLetters'].map(queueUrl);
  const topic = platform.deployment.ofType('AWS::SNS::Topic')[0]?.physicalId;
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { VisibilityTimeout: '1' } }));
  const poison = [
    'no JSON',
    JSON.stringify({ notificationType: 'Bounce' }),
    JSON.stringify(notification('never-arrived', 'lena@example.com')),
  ];
  for (const Message of poison) await sns.send(new PublishCommand({ TopicArn: topic, Message }));
  const { address, head } = ownHeaders();
  await post(mail(head));
  await waitFor(async () => (await stored(from(address))).length === 1);

  const dead = new Set<string>();
  await waitFor(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: deadLetters, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body = '' } of Messages) dead.add((JSON.parse(Body) as { Message: string }).Message);
    return dead.size === 3;
  }, 25_000);
  expect([...dead].sort()).toEqual([...poison].sort());
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0');
});

function queueUrl(name: string): string {
  const queue = platform.deployment
    .ofType('AWS::SQS::Queue')
    .find(({ logicalId }) => new RegExp(`^InboundMail${name}[0-9A-F]{8}$`).test(logicalId));
  if (!queue) throw new Error(`no queue ${name}`);
  return queue.physicalId;
}

function notification(sesMessageId: string, source: string): object {
  const pass = { status: 'PASS' };
  return {
    notificationType: 'Received',
    mail: { messageId: sesMessageId, timestamp: '2026-03-12T08:55:00.000Z', source, destination: [practice] },
    receipt: {
      timestamp: '2026-03-12T08:55:00.000Z',
      recipients: [practice],
      spamVerdict: pass,
      virusVerdict: pass,
      spfVerdict: pass,
      dkimVerdict: pass,
      dmarcVerdict: pass,
      action: { type: 'S3', bucketName: bucket(), objectKey: `raw/${sesMessageId}` },
    },
  };
}
