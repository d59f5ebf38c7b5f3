import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, expect, test } from 'vitest';
import { practiceDirectory, startTestPlatform } from '../support/platform.ts';

const platform = await startTestPlatform({ templateDir: practiceDirectory });
const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const { endpoints, deployment } = platform;
const dynamodb = new DynamoDBClient({ ...settings, endpoint: endpoints.dynamodb });
const streams = new DynamoDBStreamsClient({ ...settings, endpoint: endpoints.dynamodb });
const sqs = new SQSClient({ ...settings, endpoint: endpoints.sqs });
const sns = new SNSClient({ ...settings, endpoint: endpoints.sns });
const s3 = new S3Client({ ...settings, endpoint: endpoints.s3 });
const ssm = new SSMClient({ ...settings, endpoint: endpoints.ssm });
afterAll(() => {
  for (const client of [dynamodb, streams, sqs, sns, s3, ssm]) client.destroy();
});

const TableName = deployment.byLogicalId('Table').physicalId;
const QueueUrl = deployment.byLogicalId('Queue').physicalId;

test('the table has the keys, the stream and the time to live of the template', async () => {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table?.KeySchema).toEqual([
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ]);
  expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
  const expiry = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(expiry.TimeToLiveDescription?.AttributeName).toBe('expiresAtSeconds');
});

test('time travel expires items, and the stream says that time to live did it', async () => {
  const Item = (pk: string, seconds: number) => ({
    pk: { S: pk },
    sk: { S: '~' },
    expiresAtSeconds: { N: String(Math.floor(platform.clock.now() / 1000) + seconds) },
  });
  await dynamodb.send(new PutItemCommand({ TableName, Item: Item('K#soon', 3600) }));
  await dynamodb.send(new PutItemCommand({ TableName, Item: Item('K#late', 30 * 86_400) }));
  await fetch(`${platform.url}/_local/clock`, { method: 'POST', body: '{"advance":"P1D"}' });
  const kept = async (pk: string) => {
    const found = await dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: '~' } } }));
    return found.Item !== undefined;
  };
  expect([await kept('K#soon'), await kept('K#late')]).toEqual([false, true]);

  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  const removal = Records?.find((record) => record.eventName === 'REMOVE');
  expect(removal?.dynamodb?.Keys?.pk?.S).toBe('K#soon');
  expect(removal?.userIdentity).toEqual({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' });
});

test('a topic delivers to its queue, and a message that is received too often goes to the dead letters', async () => {
  await sns.send(new PublishCommand({ TopicArn: deployment.byLogicalId('Topic').physicalId, Message: 'a mail came' }));
  const receive = async (url: string, more: object = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 2, ...more }))).Messages ?? [];
  const first = await receive(QueueUrl, { VisibilityTimeout: 0 });
  expect(first.map((message) => message.Body)).toEqual(['a mail came']);
  expect(await receive(QueueUrl, { WaitTimeSeconds: 0 })).toEqual([]);
  const dead = await receive(deployment.byLogicalId('DeadLetters').physicalId);
  expect(dead.map((message) => message.Body)).toEqual(['a mail came']);
});

test('queue addresses are reached through the client of the service endpoint', async () => {
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  expect(sent.MD5OfMessageBody).toBe('9dd4e461268c8034f5c8564e155c67a6');
});

test('an object is kept as it was put', async () => {
  const Bucket = deployment.byLogicalId('Mails').physicalId;
  await s3.send(new PutObjectCommand({ Bucket, Key: 'inbound/one', Body: 'From: lena@example.com' }));
  const found = await s3.send(new GetObjectCommand({ Bucket, Key: 'inbound/one' }));
  expect(await found.Body?.transformToString()).toBe('From: lena@example.com');
});

const put = (Name: string, Value: string, more: { Overwrite?: boolean } = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', ...more }));

test("the template's parameters are there", async () => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/practice/greeting' }));
  expect(Parameter).toMatchObject({ Type: 'String', Value: 'hello', Version: 1 });
});

test('a parameter is replaced only on demand', async () => {
  await put('/practice/secret', 'first');
  await expect(put('/practice/secret', 'second')).rejects.toBeInstanceOf(ParameterAlreadyExists);
  expect(await put('/practice/secret', 'second', { Overwrite: true })).toMatchObject({ Version: 2 });
  const read = async (WithDecryption: boolean) =>
    (await ssm.send(new GetParameterCommand({ Name: '/practice/secret', WithDecryption }))).Parameter?.Value;
  expect(await read(true)).toBe('second');
  expect(await read(false)).not.toBe('second');
});

test('parameters are read by path over all pages, deeper ones on demand', async () => {
  for (let index = 0; index < 23; index++) await put(`/pages/${String(index).padStart(2, '0')}`, `value ${index}`);
  await put('/pages/deep/one', 'deep');
  await put('/pagesElsewhere', 'no');
  const names = async (Recursive: boolean) => {
    const found: string[] = [];
    const pages = paginateGetParametersByPath({ client: ssm }, { Path: '/pages/', WithDecryption: true, Recursive });
    for await (const page of pages) found.push(...(page.Parameters ?? []).map((parameter) => parameter.Name ?? ''));
    return found;
  };
  expect(await names(false)).toHaveLength(23);
  const all = await names(true);
  expect(all).toHaveLength(24);
  expect(all.at(-1)).toBe('/pages/deep/one');
});

test('unknown parameters are named, deleted ones are unknown', async () => {
  await put('/practice/gone', 'x');
  await ssm.send(new DeleteParameterCommand({ Name: '/practice/gone' }));
  await expect(ssm.send(new GetParameterCommand({ Name: '/practice/gone' }))).rejects.toBeInstanceOf(ParameterNotFound);
  const found = await ssm.send(new GetParametersCommand({ Names: ['/practice/greeting', '/practice/gone'] }));
  expect(found.InvalidParameters).toEqual(['/practice/gone']);
});

test('parameters lie in a file that only its owner reads', () => {
  const file = join(platform.dataDir, 'parameters.json');
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('/practice/greeting');
});

test('a mail that is sent lies in the mailbox and goes nowhere else', async () => {
  const ses = new SESClient({ ...settings, endpoint: endpoints.ses });
  const text = ['From: practice@example.com', 'To: lena@example.com', 'Subject: Minka', '', 'Please come by.', ''];
  await ses.send(new SendRawEmailCommand({ RawMessage: { Data: Buffer.from(text.join('\r\n')) } }));
  ses.destroy();
  const mailbox = (await (await fetch(`${platform.url}/_local/mailbox`)).json()) as { messages: object[] };
  expect(mailbox.messages).toMatchObject([{ subject: 'Minka', text: 'Please come by.\n' }]);
});
