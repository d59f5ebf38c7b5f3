import { execFile } from 'node:child_process';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { engineClient } from '../../local/engine/createTable.ts';
import { startTestPlatform } from '../support/platform.ts';

type Item = Record<string, AttributeValue>;

test('what was lost comes back from a restored copy, everything derived with it, and nothing younger changes', async () => {
  const platform = await startTestPlatform();
  const client = engineClient(platform.endpoints.dynamodb);
  const TableName = platform.deployment.ofType('AWS::DynamoDB::GlobalTable')[0]?.physicalId ?? '';
  const basic = `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}`;
  const identify = async (userId: string, messageId: string, name: string) => {
    const body = JSON.stringify({ userId, messageId, traits: { name, email: `${userId}@example.com` } });
    const response = await fetch(`${platform.url}/v1/identify`, {
      method: 'POST',
      headers: { authorization: basic },
      body,
    });
    expect(response.status).toBe(200);
  };
  const items = async (table: string): Promise<Item[]> => {
    const all: Item[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) all.push(...Items);
    return all;
  };
  const find = async (userId: string): Promise<{ name?: string }[]> => {
    const response = await fetch(`${platform.url}/customers?identifier=userId:${userId}`, {
      headers: { authorization: `Bearer ${platform.keys.agentApiKey}` },
    });
    return ((await response.json()) as { customers: { name?: string }[] }).customers;
  };
  const keyOf = ({ pk = { S: '' }, sk = { S: '' } }: Item) => ({ pk, sk });

  await identify('cust-17', 'i1', 'Lena Vogt');
  await identify('cust-18', 'i2', 'Jonas Reuter');
  await platform.drain();
  await client.send(
    new CreateTableCommand({
      TableName: 'copy',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  const before = await items(TableName);
  for (const Item of before) await client.send(new PutItemCommand({ TableName: 'copy', Item }));
  for (const item of before) await client.send(new DeleteItemCommand({ TableName, Key: keyOf(item) }));
  await platform.drain();
  expect(await find('cust-17')).toEqual([]);
  await identify('cust-18', 'i3', 'Jonas R. Reuter');
  await platform.drain();

  const argv = ['operations/restore.ts', '--from', 'copy', '--data-dir', platform.dataDir];
  const restore = (args: string[]) =>
    new Promise<string>((resolve) => {
      execFile(process.execPath, args, { env: { PATH: process.env.PATH } }, (_, stdout, stderr) =>
        resolve(`${stdout}${stderr}`),
      );
    });
  expect(await restore(argv)).toMatch(/interactions: ([1-9]\d*) of \1 put back/);
  await platform.drain();
  expect(await find('cust-17')).toMatchObject([{ name: 'Lena Vogt' }]);
  expect(await find('cust-18')).toMatchObject([{ name: 'Jonas R. Reuter' }]);
  const interactions = (all: Item[]) => all.filter(({ sk }) => /^[EB]#/.test(sk?.S ?? '')).length;
  expect(interactions(await items(TableName))).toBeGreaterThanOrEqual(interactions(before) + 1);
  expect(await restore(argv)).toMatch(/interactions: 0 of \d+ put back/);
  const itself = ['operations/restore.ts', '--from', TableName, '--data-dir', platform.dataDir];
  expect(await restore(itself)).toContain('is the table itself');
  client.destroy();
});
