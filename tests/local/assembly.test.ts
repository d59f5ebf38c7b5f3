// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of Fn::Sub
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createResolver } from '../../local/assembly/createResolver.ts';
import { deploy } from '../../local/assembly/deploy.ts';
import { ignoredTypes } from '../../local/assembly/ignoredTypes.ts';
import { readAssembly, type Template } from '../../local/assembly/readAssembly.ts';
import { synthesizeAssembly } from '../../local/assembly/synthesizeAssembly.ts';
import { waitFor } from '../support/platform.ts';

const practice = join(import.meta.dirname, 'fixtures', 'practice');
const template: Template = {
  Parameters: { Stage: { Type: 'String', Default: 'test' } },
  Mappings: { Sizes: { 'eu-central-1': { memory: 256 } } },
  Conditions: {
    IsTest: { 'Fn::Equals': [{ Ref: 'Stage' }, 'test'] },
    IsLive: { 'Fn::Not': [{ Condition: 'IsTest' }] },
    Both: { 'Fn::And': [{ Condition: 'IsTest' }, { Condition: 'IsLive' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsTest' }, { Condition: 'IsLive' }] },
  },
  Resources: {},
};
const { resolve, holds } = createResolver({
  template,
  pseudoParameters: { 'AWS::Region': 'eu-central-1' },
  reference: (logicalId) => `ref-${logicalId}`,
  attribute: (logicalId, name) => `${logicalId}/${name}`,
});

test.each([
  [{ Ref: 'Stage' }, 'test'],
  [{ Ref: 'Table' }, 'ref-Table'],
  [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'Table/Arn'],
  [{ 'Fn::GetAtt': 'Table.StreamArn' }, 'Table/StreamArn'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 3]] }, 'a-test-3'],
  [{ 'Fn::Sub': 'a ${Stage} ${AWS::Region} ${Table.Arn} ${!kept}' }, 'a test eu-central-1 Table/Arn ${kept}'],
  [{ 'Fn::Sub': ['${who}!', { who: { Ref: 'Stage' } }] }, 'test!'],
  [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  [{ 'Fn::If': ['IsTest', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::If': ['IsLive', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
  [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, 256],
  [{ a: [{ Ref: 'AWS::NoValue' }, 1], b: { Ref: 'AWS::NoValue' } }, { a: [1] }],
  [{ 'Fn::Base64': 'cat' }, 'Y2F0'],
])('%j resolves to %j', (expression, expected) => {
  expect(resolve(expression)).toEqual(expected);
});

test('conditions are evaluated through each other', () => {
  expect(['IsTest', 'IsLive', 'Both', 'Either'].map(holds)).toEqual([true, false, false, true]);
});

test('an unknown function is refused by its name', () => {
  expect(() => resolve({ 'Fn::ImportValue': 'x' })).toThrow('Fn::ImportValue is not emulated.');
});

test('a deployed stack has the same names and ARNs each time', () => {
  const options = {
    queueUrl: (name: string) => `http://127.0.0.1:1/000000000000/${name}`,
    apiUrl: 'http://localhost:2',
  };
  const deployment = deploy(readAssembly(practice), options);
  const echo = deployment.byLogicalId('Echo');
  expect(echo.physicalId).toBe('Practice-echo');
  expect(echo.attributes.Arn).toBe('arn:aws:lambda:eu-central-1:000000000000:function:Practice-echo');
  expect(echo.properties.Environment).toEqual({
    Variables: {
      TABLE_NAME: 'Practice-Table',
      QUEUE_URL: 'http://127.0.0.1:1/000000000000/Practice-Queue',
      NODE_OPTIONS: '--enable-source-maps',
    },
  });
  expect(deployment.byLogicalId('Queue').properties.RedrivePolicy).toEqual({
    deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:Practice-DeadLetters',
    maxReceiveCount: 1,
  });
  expect(deployment.byArn('arn:aws:sqs:eu-central-1:000000000000:Practice-Queue')?.logicalId).toBe('Queue');
  const stream = deployment.byLogicalId('Table').attributes.StreamArn ?? '';
  expect(stream).toBe('arn:aws:dynamodb:eu-central-1:000000000000:table/Practice-Table/stream/2026-01-01T00:00:00.000');
  expect(deployment.byArn(stream)?.logicalId).toBe('Table');
  expect(deployment.byArn('arn:aws:sqs:eu-central-1:000000000000:Elsewhere')).toBeUndefined();
});

test('what is not run is listed', () => {
  expect(ignoredTypes(readAssembly(practice).template)).toEqual(['AWS::IAM::Role (1)']);
});

let repository: string;
const log = () => undefined;
const { signal } = new AbortController();

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  mkdirSync(join(repository, 'infra'));
  writeFileSync(
    join(repository, 'infra', 'app.ts'),
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
     appendFileSync('synthesized', 'once;');
     const out: string = process.env.CDK_OUTDIR ?? '';
     mkdirSync(out, { recursive: true });
     writeFileSync(out + '/manifest.json', '{}');`,
  );
});
afterEach(() => rmSync(repository, { recursive: true }));

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const times = () => readFileSync(join(repository, 'synthesized'), 'utf8');

test('unchanged sources are synthesized once, also when several processes ask at once', async () => {
  const all = await Promise.all([1, 2, 3].map(() => synthesizeAssembly({ repository, log, signal })));
  expect(new Set(all.map(({ directory }) => directory)).size).toBe(1);
  await synthesizeAssembly({ repository, log, signal });
  expect(times()).toBe('once;');
  expect(existsSync(join(all[0]?.directory ?? '', 'manifest.json'))).toBe(true);
});

test('a change of any source is synthesized again', async () => {
  const before = await synthesizeAssembly({ repository, log, signal });
  mkdirSync(join(repository, 'shared', 'timeline'), { recursive: true });
  writeFileSync(join(repository, 'shared', 'timeline', 'new.ts'), '');
  const after = await synthesizeAssembly({ repository, log, signal });
  expect(after.fingerprint).not.toBe(before.fingerprint);
  expect(times()).toBe('once;once;');
});

test('a failing app says what it said', async () => {
  writeFileSync(join(repository, 'infra', 'app.ts'), "throw new Error('no vet in this stack');");
  await expect(synthesizeAssembly({ repository, log, signal })).rejects.toThrow('no vet in this stack');
});

test('giving up ends the child and leaves nothing half done', async () => {
  const abort = new AbortController();
  writeFileSync(
    join(repository, 'infra', 'app.ts'),
    "import { writeFileSync } from 'node:fs'; writeFileSync('pid', String(process.pid)); setInterval(() => undefined, 1000);",
  );
  const synthesis = synthesizeAssembly({ repository, log, signal: abort.signal });
  synthesis.catch(() => undefined);
  const pid = await waitFor(() => existsSync(join(repository, 'pid')) && readFileSync(join(repository, 'pid'), 'utf8'));
  abort.abort();
  await expect(synthesis).rejects.toThrow('The operation was aborted');
  await waitFor(() => !isRunning(Number(pid)));
});
