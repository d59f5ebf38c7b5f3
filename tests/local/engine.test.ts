import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { expect, test } from 'vitest';
import { engineClient } from '../../local/engine/createTable.ts';
import { findEngineBinary } from '../../local/engine/findEngineBinary.ts';
import { startEngine } from '../../local/engine/startEngine.ts';
import { startTrimming } from '../../local/engine/startTrimming.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';

const engine = await startTestEngine();
const client = engineClient(engine.endpoint);

async function streamRecords(tableName: string) {
  const streams = new DynamoDBStreamsClient({
    endpoint: engine.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const table = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const StreamArn = table.Table?.LatestStreamArn;
  const stream = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = stream.StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  return (await streams.send(new GetRecordsCommand({ ShardIterator }))).Records ?? [];
}

test('creating a table twice leaves its items', async () => {
  await createTimelineTable(engine.endpoint, 'twice');
  await client.send(new PutItemCommand({ TableName: 'twice', Item: { pk: { S: 'L#a' }, sk: { S: 'E#1' } } }));
  await createTimelineTable(engine.endpoint, 'twice');
  const found = await client.send(
    new GetItemCommand({ TableName: 'twice', Key: { pk: { S: 'L#a' }, sk: { S: 'E#1' } } }),
  );
  expect(found.Item).toEqual({ pk: { S: 'L#a' }, sk: { S: 'E#1' } });
});

test('trimming removes only records before the given number and numbers never restart', async () => {
  await createTimelineTable(engine.endpoint, 'trimmed');
  for (const sk of ['E#1', 'E#2', 'E#3']) {
    await client.send(new PutItemCommand({ TableName: 'trimmed', Item: { pk: { S: 'L#a' }, sk: { S: sk } } }));
  }
  const numbers = (await streamRecords('trimmed')).map((record) => record.dynamodb?.SequenceNumber ?? '');
  expect(engine.streams?.trimBefore('trimmed', numbers[1] ?? '')).toBe(1);
  expect((await streamRecords('trimmed')).map((record) => record.dynamodb?.Keys?.sk?.S)).toEqual(['E#2', 'E#3']);
  engine.streams?.trimBefore('trimmed', '99999999');
  await client.send(new PutItemCommand({ TableName: 'trimmed', Item: { pk: { S: 'L#a' }, sk: { S: 'E#4' } } }));
  const left = await streamRecords('trimmed');
  expect(left.map((record) => record.dynamodb?.Keys?.sk?.S)).toEqual(['E#3', 'E#4']);
  expect(Number(left[1]?.dynamodb?.SequenceNumber)).toBeGreaterThan(Number(numbers[2]));
});

test('what consumers are done with is trimmed, table by table', async () => {
  for (const table of ['consumed', 'unread']) {
    await createTimelineTable(engine.endpoint, table);
    for (const sk of ['E#1', 'E#2', 'E#3']) {
      await client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'L#a' }, sk: { S: sk } } }));
    }
  }
  const second = (await streamRecords('consumed'))[1]?.dynamodb?.SequenceNumber ?? '';
  const { streams } = engine;
  if (!streams) throw new Error('The embedded engine has a file.');
  const trimming = startTrimming({ streams, positions: () => new Map([['consumed', second]]), log: () => undefined });
  expect(trimming.trim()).toBe(1);
  expect((await streamRecords('consumed')).map((record) => record.dynamodb?.Keys?.sk?.S)).toEqual(['E#2', 'E#3']);
  expect(streams.count('unread')).toBe(3);
  await trimming.stop();
});

test('items survive a stop and a start on the same file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const dbPath = join(directory, 'engine.db');
  const before = await startEngine({ dbPath });
  await createTimelineTable(before.endpoint, 'kept');
  const beforeClient = engineClient(before.endpoint);
  await beforeClient.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: 'L#a' }, sk: { S: 'E#1' } } }));
  await before.stop();
  const after = await startEngine({ dbPath });
  const found = await engineClient(after.endpoint).send(
    new GetItemCommand({ TableName: 'kept', Key: { pk: { S: 'L#a' }, sk: { S: 'E#1' } } }),
  );
  expect(found.Item?.sk).toEqual({ S: 'E#1' });
  await after.stop();
  rmSync(directory, { recursive: true });
});

test('the engine ends when its parent is killed with SIGKILL', async () => {
  const source = new URL('../../local/engine/startEngine.ts', import.meta.url).href;
  const directory = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const script = `const { startEngine } = await import(${JSON.stringify(source)});
    const engine = await startEngine({ dbPath: ${JSON.stringify(join(directory, 'engine.db'))} });
    process.stdout.write(engine.endpoint + '\\n'); setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const endpoint = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  expect(await answers()).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(answers, { timeout: 5_000, interval: 20 }).toBe(false);
  rmSync(directory, { recursive: true });
});

test('a missing binary is one sentence that names the way out', () => {
  expect(() => findEngineBinary('plan9', 'mips')).toThrow(
    'The embedded DynamoDB engine (dynoxide) has no binary for this machine: set AWS_ENDPOINT_URL_DYNAMODB to any DynamoDB endpoint, such as DynamoDB Local.',
  );
});

test('a given endpoint is used instead of the embedded engine', async () => {
  const given = await startEngine({ env: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' } });
  expect(given.endpoint).toBe('http://127.0.0.1:8000');
  expect(existsSync(given.endpoint)).toBe(false);
});
