import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildFunctions } from '../../infra/buildFunctions.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-bundles-'));
  await symlink(join(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

it('bundles every function into one file that runs on its own, the AWS SDK included', async () => {
  await writeFunction('greet-visitor', [
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
    "export const handler = async () => new DynamoDBClient({ region: 'eu-central-1' }).config.region();",
  ]);
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  const { functions, rebuilt } = await build();
  expect(functions.map(({ name }) => name)).toEqual(['greet-visitor', 'weigh-cat']);
  expect(rebuilt).toBe(true);
  await rm(join(directory, 'node_modules'));
  expect(await run('greet-visitor')).toBe('eu-central-1');
  expect(await run('weigh-cat')).toBe(4200);
});

it('reports the size of each bundle without its source map', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  const { functions } = await build();
  expect(functions[0]?.bytes).toBe((await stat(join(directory, 'dist/weigh-cat/index.mjs'))).size);
  expect(functions[0]?.bytes).toBeLessThan(500);
});

it('leads from a line of the bundle back to its source', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await build();
  const bundle = await readFile(join(directory, 'dist/weigh-cat/index.mjs'), 'utf8');
  expect(bundle).toContain('//# sourceMappingURL=index.mjs.map');
  const map = JSON.parse(await readFile(join(directory, 'dist/weigh-cat/index.mjs.map'), 'utf8'));
  expect(map.sources).toEqual(['../../functions/weigh-cat/index.ts']);
});

it('writes down what every bundle is made of', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await build();
  const { inputs } = JSON.parse(await readFile(join(directory, 'dist/meta.json'), 'utf8'));
  expect(Object.keys(inputs)).toEqual([expect.stringMatching(/functions\/weigh-cat\/index\.ts$/)]);
});

it('does not build again what has not changed, and builds again what has', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await build();
  expect((await build()).rebuilt).toBe(false);
  await writeFunction('weigh-cat', ['export const handler = async () => 4300;']);
  expect((await build()).rebuilt).toBe(true);
});

it('builds again when shared code changes', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await mkdir(join(directory, 'shared'));
  await build();
  await writeFile(join(directory, 'shared/scales.ts'), 'export const grams = 1;');
  expect((await build()).rebuilt).toBe(true);
});

it('removes the bundle of a function that is no more', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await writeFunction('greet-visitor', ['export const handler = async () => 1;']);
  await build();
  await rm(join(directory, 'functions/greet-visitor'), { recursive: true });
  await build();
  await expect(stat(join(directory, 'dist/greet-visitor'))).rejects.toThrow('ENOENT');
});

it('leaves whole bundles behind when two builds run at once', async () => {
  await writeFunction('weigh-cat', ['export const handler = async () => 4200;']);
  await Promise.all([build(), build()]);
  expect(await run('weigh-cat')).toBe(4200);
});

it('refuses a bundle that would call require, which does not exist in a module', async () => {
  await mkdir(join(directory, 'functions/weigh-cat'), { recursive: true });
  await writeFile(
    join(directory, 'functions/weigh-cat/scales.cjs'),
    "module.exports = (name) => require(name + '.js');",
  );
  await writeFunction('weigh-cat', [
    "import scales from './scales.cjs';",
    'export const handler = async () => scales;',
  ]);
  await expect(build()).rejects.toThrow('weigh-cat/index.mjs calls require.');
});

it("hands Node's own modules to libraries that require them", async () => {
  await mkdir(join(directory, 'functions/weigh-cat'), { recursive: true });
  await writeFile(
    join(directory, 'functions/weigh-cat/scales.cjs'),
    "const Emitter = require('events'); module.exports = new Emitter() instanceof require('node:events').EventEmitter;",
  );
  await writeFunction('weigh-cat', [
    "import isEmitter from './scales.cjs';",
    'export const handler = async () => isEmitter;',
  ]);
  await build();
  expect(await run('weigh-cat')).toBe(true);
});

it('takes credentials from the environment and from nowhere else', async () => {
  await writeFunction('greet-visitor', [
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
    "const client = new DynamoDBClient({ region: 'eu-central-1' });",
    'export const handler = async () => (await client.config.credentials()).accessKeyId;',
  ]);
  await build();
  vi.stubEnv('AWS_PROFILE', 'of-a-developer');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'of-the-function');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  expect(await run('greet-visitor')).toBe('of-the-function');
});

it('says so when there is no function at all', async () => {
  await mkdir(join(directory, 'functions'));
  await expect(build()).rejects.toThrow('holds no <verb-noun>/index.ts');
});

async function writeFunction(name: string, lines: string[]): Promise<void> {
  await mkdir(join(directory, 'functions', name), { recursive: true });
  await writeFile(join(directory, 'functions', name, 'index.ts'), lines.join('\n'));
}

function build() {
  return buildFunctions({
    functionsDir: join(directory, 'functions'),
    outDir: join(directory, 'dist'),
    sourceDirs: [join(directory, 'shared')],
  });
}

async function run(name: string): Promise<unknown> {
  const bundle = await import(pathToFileURL(join(directory, 'dist', name, 'index.mjs')).href);
  return bundle.handler();
}
