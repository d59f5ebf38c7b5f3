import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passed, report } from '../../.ci/check.ts';
import { checkImports } from '../../.ci/checks/checkImports.ts';
import { checkStyle } from '../../.ci/checks/checkStyle.ts';
import { checkTypes } from '../../.ci/checks/checkTypes.ts';
import { checkUnused } from '../../.ci/checks/checkUnused.ts';
import { repository } from '../../.ci/runTool.ts';

/** A small repository in which every room has a file and all is well. */
const sound = {
  'package.json': `{
  "name": "practice",
  "type": "module",
  "dependencies": {
    "@aws-sdk/client-dynamodb": "*",
    "zod": "*"
  }
}
`,
  'shared/contracts/animal.ts': `import * as z from 'zod';\n\nexport const animalSchema = z.object({ name: z.string() });\n`,
  'shared/platform/table.ts': `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\n\nexport const table = (): DynamoDBClient => new DynamoDBClient({});\nexport type Item = Record<string, unknown>;\n`,
  'shared/platform/errors.ts': `export class Refused extends Error {}\n`,
  'shared/patient/weight.ts': `import { createHash } from 'node:crypto';\nimport { Refused } from '../platform/errors.ts';\nimport type { Item } from '../platform/table.ts';\n\nexport function weight(item: Item): string {\n  if (item.grams === undefined) throw new Refused('unweighed');\n  return createHash('sha256').update(String(item.grams)).digest('hex');\n}\n`,
  'shared/patient/patientStore.ts': `import { table } from '../platform/table.ts';\n\nexport const store = () => table();\n`,
  'functions/weigh-cat/index.ts': `import { animalSchema } from '../../shared/contracts/animal.ts';\nimport { store } from '../../shared/patient/patientStore.ts';\nimport { weight } from '../../shared/patient/weight.ts';\n\nexport const handler = () => [animalSchema.parse({ name: 'Minka' }), weight({ grams: 4200 }), store()];\n`,
  'infra/app.ts': `import { animalSchema } from '../shared/contracts/animal.ts';\n\nanimalSchema.parse({ name: 'Minka' });\n`,
  'local/main.ts': `export const port = 8080;\n`,
  'web/widget.ts': `export const greeting = 'Hello';\n`,
  'tests/weighCat.test.ts': `import { handler } from '../functions/weigh-cat/index.ts';\n\nhandler();\n`,
};
const configurations = ['.dependency-cruiser.mjs', 'biome.json', 'knip.json', 'tsconfig.json'];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'throughline-checks-'));
  for (const file of configurations) cpSync(join(repository, file), join(directory, file));
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
  write({ ...sound });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('types', () => {
  it('pass where all is well', async () => {
    expect(await checkTypes(directory)).toEqual({ name: 'types', looked: 9, faults: [] });
  });

  it('fail on a wrong type', async () => {
    write({ 'local/port.ts': `export const wrong: number = '8080';\n` });
    expect((await checkTypes(directory)).faults).toEqual([
      expect.stringMatching(/^local\/port\.ts\(1,14\): error TS2322:/),
    ]);
  });

  it.each([
    ['an index that may be missing', 'export const first: number = [1][0];'],
    ['syntax that Node cannot strip', 'export enum Animal {\n  Cat,\n}'],
  ])('fail on %s', async (_, code) => {
    write({ 'local/planted.ts': `${code}\n` });
    expect(passed(await checkTypes(directory))).toBe(false);
  });
});

describe('style', () => {
  it('passes where all is well', async () => {
    expect(await checkStyle(directory)).toEqual({ name: 'style', looked: 15, faults: [] });
  });

  it.each([
    ['format', 'export const a = "double";'],
    ['noFloatingPromises', 'const later = async () => 1;\n\nexport function now(): void {\n  later();\n}'],
    ['noExplicitAny', 'export const animals: any = [];'],
    ['noNonNullAssertion', 'export const first = (list: string[]) => list[0]!.length;'],
    ['noConsole', "console.log('Minka');"],
    ['useImportType', "import { Server } from 'node:http';\n\nexport const server: Server | undefined = undefined;"],
  ])('fails on %s', async (rule, code) => {
    write({ 'local/planted.ts': `${code}\n` });
    const { faults } = await checkStyle(directory);
    expect(faults.join('\n')).toContain(rule);
  });
});

describe('imports', () => {
  it('pass where all is well', async () => {
    expect(await checkImports(directory)).toEqual({ name: 'imports', looked: 10, faults: [] });
  });

  it('fail on every forbidden import, each by its own rule', async () => {
    const planted: [rule: string, file: string, imported: string][] = [
      ['resolvable', 'shared/patient/a1.ts', './nowhere.ts'],
      ['tests', 'shared/patient/a2.ts', '../../tests/weighCat.test.ts'],
      ['shared', 'shared/patient/a3.ts', '../../infra/app.ts'],
      ['web', 'web/a4.ts', '../shared/patient/weight.ts'],
      ['infra', 'infra/a5.ts', '../shared/patient/weight.ts'],
      ['infra', 'infra/a6.ts', '../functions/weigh-cat/index.ts'],
      ['local', 'local/a7.ts', '../shared/platform/errors.ts'],
      ['functions', 'functions/greet-visitor/a8.ts', '../weigh-cat/index.ts'],
      ['functions', 'functions/greet-visitor/a9.ts', '../../local/main.ts'],
      ['contracts', 'shared/contracts/b1.ts', '../platform/errors.ts'],
      ['contracts', 'shared/contracts/b2.ts', 'node:crypto'],
      ['contracts', 'shared/contracts/b3.ts', 'jose'],
      ['platform', 'shared/platform/b4.ts', '../patient/weight.ts'],
      ['platform-pure', 'shared/platform/itemSize.ts', './table.ts'],
      ['noun-platform', 'shared/patient/b5.ts', '../platform/table.ts'],
      ['noun-builtins', 'shared/patient/b6.ts', 'node:fs'],
      ['noun-port', 'shared/patient/b7.ts', './patientStore.ts'],
      ['store', 'shared/visit/visitStore.ts', '../patient/weight.ts'],
      ['aws-sdk', 'shared/patient/b8.ts', '@aws-sdk/client-dynamodb'],
      ['aws-sdk', 'functions/weigh-cat/handler.ts', '@aws-sdk/client-dynamodb'],
    ];
    write(Object.fromEntries(planted.map(([, file, imported]) => [file, `import '${imported}';\n`])));
    const { faults } = await checkImports(directory);
    for (const [rule, file] of planted) {
      expect(faults, file).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: ${file} → `)));
    }
  });

  it('fail on a circle', async () => {
    write({ 'local/cat.ts': `import './dog.ts';\n`, 'local/dog.ts': `import './cat.ts';\n` });
    expect((await checkImports(directory)).faults).toContain('no-circles: local/cat.ts → local/dog.ts');
  });

  it('let rules and stores know types of the platform and of other nouns', async () => {
    write({
      'shared/visit/visitStore.ts': `import type { weight } from '../patient/weight.ts';\n\nexport type Weigh = typeof weight;\n`,
    });
    expect((await checkImports(directory)).faults).toEqual([]);
  });
});

describe('unused code', () => {
  it('is not found where all is used', async () => {
    expect(await checkUnused(directory)).toMatchObject({ name: 'unused', faults: [] });
  });

  it('is found: a file, an export, a dependency, an import without its dependency', async () => {
    write({
      'local/planted.ts': 'export const nobody = 1;\n',
      'shared/platform/errors.ts': `export class Refused extends Error {}\nexport const unwanted = 1;\n`,
      'package.json': sound['package.json'].replace('"zod"', '"jose": "*",\n    "zod"'),
      'local/main.ts': `import 'left-pad';\n\nexport const port = 1;\n`,
    });
    const faults = (await checkUnused(directory)).faults.join('\n');
    for (const finding of ['Unused files', 'local/planted.ts', 'unwanted', 'jose', 'left-pad']) {
      expect(faults).toContain(finding);
    }
  });
});

describe('a check that looks at nothing', () => {
  beforeEach(() => {
    for (const file of Object.keys(sound)) rmSync(join(directory, file), { force: true });
  });

  it.each([
    ['types', checkTypes],
    ['imports', checkImports],
    ['unused', checkUnused],
  ])('fails: %s', async (_, check) => {
    const result = await check(directory);
    expect(passed(result)).toBe(false);
    expect(report(result)).toMatch(/^FAIL {2}/);
  });

  it('fails: style', async () => {
    for (const file of configurations) if (file !== 'biome.json') rmSync(join(directory, file));
    writeFileSync(join(directory, 'biome.json'), '{ "files": { "includes": ["nowhere/**"] } }');
    expect(passed(await checkStyle(directory))).toBe(false);
  });

  it('fails: imports, when it sees no import in a file that has one', async () => {
    write({ ...sound, 'local/typed.ts': `import type { Server } from 'node:http';\n\nexport type Port = Server;\n` });
    writeFileSync(
      join(directory, '.dependency-cruiser.mjs'),
      "export default { forbidden: [], options: { exclude: { path: 'http' }, doNotFollow: { path: 'node_modules' } } };",
    );
    expect((await checkImports(directory)).faults).toEqual(['no import was seen in local/typed.ts']);
  });
});

function write(files: Record<string, string>): void {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), contents);
  }
}
