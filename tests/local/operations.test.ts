import { execFile } from 'node:child_process';
import { DeleteItemCommand, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { engineClient } from '../../local/engine/createTable.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

interface Ended {
  code: number;
  lines: string[];
}

/** Runs a command of the operators against a running platform, as a person would. */
function operate(command: 'replay' | 'repair', dataDir: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const argv = [`operations/${command}.ts`, ...args, '--data-dir', dataDir];
    execFile(process.execPath, argv, { env: { PATH: process.env.PATH } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, lines: `${stdout}${stderr}`.trim().split('\n') }),
    );
  });
}

async function track(platform: TestPlatform, userId: string, messageId: string): Promise<void> {
  const response = await fetch(`${platform.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}` },
    body: JSON.stringify({ userId, messageId, traits: { name: 'Lena Vogt', email: `${userId}@example.com` } }),
  });
  expect(response.status).toBe(200);
}

test('operators check, replay and repair a running platform', async () => {
  const platform = await startTestPlatform();
  const { dataDir } = platform;
  const client = engineClient(platform.endpoints.dynamodb);
  const TableName = platform.deployment.ofType('AWS::DynamoDB::GlobalTable')[0]?.physicalId;
  await track(platform, 'cust-17', 'i1');
  await track(platform, 'cust-18', 'i2');
  await platform.drain();
  const sound = await operate('replay', dataDir, '--all', '--check');
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
  const differs = await operate('replay', dataDir, '--all', '--check');
  expect(differs).toMatchObject({
    code: 1,
    lines: [`customer ${root.slice(2)}`, expect.stringContaining('1 items differ')],
  });
  const mended = await operate('replay', dataDir, '--leaf', root.slice(2));
  expect(mended).toMatchObject({
    code: 0,
    lines: [`customer ${root.slice(2)}`, expect.stringContaining('1 items were mended')],
  });
  await platform.drain();
  expect(await operate('replay', dataDir, '--all', '--check')).toMatchObject({ code: 0 });

  expect(await operate('repair', dataDir, '--list')).toEqual({ code: 0, lines: ['0 parked'] });
  const leaf = 'P'.repeat(22);
  const poison = { entity: { S: 'interaction' }, type: { S: 'message.received' }, content: { S: 'no JSON' } };
  const sk = 'E#0mhp3k2qf#AAAAAAAAAAAAAAAA';
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: `L#${leaf}` }, sk: { S: sk }, ...poison } }));
  await track(platform, 'cust-19', 'i3');
  await platform.drain();
  expect(await operate('repair', dataDir, '--list')).toMatchObject({
    code: 0,
    lines: [
      expect.stringMatching(
        new RegExp(`^${leaf} {2}parked {2}project-timeline {2}undecodable .* attempts 0 {2}${sk}$`),
      ),
      '1 parked',
    ],
  });
  expect(await operate('repair', dataDir, '--leaf', leaf)).toMatchObject({ code: 1 });
  const unreadable = await operate('replay', dataDir, '--all', '--check');
  expect(unreadable).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(`^unreadable ${leaf} `), expect.stringContaining('4 customers')],
  });
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: `L#${leaf}` }, sk: { S: sk } } }));
  expect(await operate('repair', dataDir, '--all')).toEqual({ code: 0, lines: [`${leaf}  repaired`] });
  expect(await operate('repair', dataDir, '--list')).toEqual({ code: 0, lines: ['0 parked'] });
  client.destroy();
}, 120_000);

test('without a running platform they say what to do', async () => {
  const ended = await operate('replay', '/nowhere', '--all');
  expect(ended).toEqual({ code: 2, lines: [expect.stringContaining('Start it with npm start')] });
});
