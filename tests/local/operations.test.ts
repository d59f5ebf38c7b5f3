import { execFile } from 'node:child_process';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { engineClient } from '../../local/engine/createTable.ts';
import { startTestPlatform } from '../support/platform.ts';

const platform = await startTestPlatform();
const { dataDir } = platform;
const client = engineClient(platform.endpoints.dynamodb);
afterAll(() => client.destroy());
const TableName = platform.deployment.ofType('AWS::DynamoDB::GlobalTable')[0]?.physicalId ?? '';

interface Ended {
  code: number;
  lines: string[];
}

/** Of this process: where Node lies, and what it has compiled. */
const { NODE_COMPILE_CACHE, PATH } = process.env;

/** Runs a command of the operators against a running platform, as a person would. */
function operate(command: 'replay' | 'repair' | 'restore', ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const argv = [`operations/${command}.ts`, ...args];
    execFile(process.execPath, argv, { env: { PATH, NODE_COMPILE_CACHE } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, lines: `${stdout}${stderr}`.trim().split('\n') }),
    );
  });
}

async function identify(userId: string, messageId: string, name: string): Promise<void> {
  const response = await fetch(`${platform.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}` },
    body: JSON.stringify({ userId, messageId, traits: { name, email: `${userId}@example.com` } }),
  });
  expect(response.status).toBe(200);
}

test('operators check, replay and repair a running platform', async () => {
  const operateHere = (command: 'replay' | 'repair', ...args: string[]) =>
    operate(command, ...args, '--data-dir', dataDir);
  await identify('cust-17', 'i1', 'Lena Vogt');
  await identify('cust-18', 'i2', 'Lena Vogt');
  await platform.drain();
  const sound = await operateHere('replay', '--all', '--check');
  expect(sound).toMatchObject({
    code: 0,
    lines: [expect.stringMatching(/^2 customers \(\d+\/s\), 0 items differ, 0 unreadable$/)],
  });

  const customers: string[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
    customers.push(...Items.flatMap(({ pk, sk }) => (sk?.S === '~c' && pk?.S ? [pk.S] : [])));
  }
  const [root = ''] = customers;
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: root }, sk: { S: '~c' } } }));
  const differs = await operateHere('replay', '--all', '--check');
  expect(differs).toMatchObject({
    code: 1,
    lines: [`customer ${root.slice(2)}`, expect.stringContaining('1 items differ')],
  });
  const mended = await operateHere('replay', '--leaf', root.slice(2));
  expect(mended).toMatchObject({
    code: 0,
    lines: [`customer ${root.slice(2)}`, expect.stringContaining('1 items were mended')],
  });
  await platform.drain();
  expect(await operateHere('replay', '--all', '--check')).toMatchObject({ code: 0 });

  expect(await operateHere('repair', '--list')).toEqual({ code: 0, lines: ['0 parked'] });
  const leaf = 'P'.repeat(22);
  const poison = { entity: { S: 'interaction' }, type: { S: 'message.received' }, content: { S: 'no JSON' } };
  const sk = 'E#0mhp3k2qf#AAAAAAAAAAAAAAAA';
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: `L#${leaf}` }, sk: { S: sk }, ...poison } }));
  await identify('cust-19', 'i3', 'Lena Vogt');
  await platform.drain();
  expect(await operateHere('repair', '--list')).toMatchObject({
    code: 0,
    lines: [
      expect.stringMatching(
        new RegExp(`^${leaf} {2}parked {2}project-timeline {2}undecodable .* attempts 0 {2}${sk}$`),
      ),
      '1 parked',
    ],
  });
  expect(await operateHere('repair', '--leaf', leaf)).toMatchObject({ code: 1 });
  const unreadable = await operateHere('replay', '--all', '--check');
  expect(unreadable).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(`^unreadable ${leaf} `), expect.stringContaining('4 customers')],
  });
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: `L#${leaf}` }, sk: { S: sk } } }));
  expect(await operateHere('repair', '--all')).toEqual({ code: 0, lines: [`${leaf}  repaired`] });
  expect(await operateHere('repair', '--list')).toEqual({ code: 0, lines: ['0 parked'] });
}, 120_000);

test('without a running platform they say what to do', async () => {
  const ended = await operate('replay', '--all', '--data-dir', '/nowhere');
  expect(ended).toEqual({ code: 2, lines: [expect.stringContaining('Start it with npm start')] });
});

type Item = Record<string, AttributeValue>;

test('what was lost comes back from a restored copy, everything derived with it, and nothing younger changes', async () => {
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

  await identify('lost-17', 'r1', 'Lena Vogt');
  await identify('lost-18', 'r2', 'Jonas Reuter');
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
  expect(await find('lost-17')).toEqual([]);
  await identify('lost-18', 'r3', 'Jonas R. Reuter');
  await platform.drain();

  const restore = async (from: string) =>
    (await operate('restore', '--from', from, '--data-dir', dataDir)).lines.join('\n');
  expect(await restore('copy')).toMatch(/interactions: ([1-9]\d*) of \1 put back/);
  await platform.drain();
  expect(await find('lost-17')).toMatchObject([{ name: 'Lena Vogt' }]);
  expect(await find('lost-18')).toMatchObject([{ name: 'Jonas R. Reuter' }]);
  const interactions = (all: Item[]) => all.filter(({ sk }) => /^[EB]#/.test(sk?.S ?? '')).length;
  expect(interactions(await items(TableName))).toBeGreaterThanOrEqual(interactions(before) + 1);
  expect(await restore('copy')).toMatch(/interactions: 0 of \d+ put back/);
  expect(await restore(TableName)).toContain('is the table itself');
});
