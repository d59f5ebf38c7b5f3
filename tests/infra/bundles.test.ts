import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuiltFunctions, buildFunctions } from '../../infra/buildFunctions.ts';
import { functionNames } from './synthesized.ts';

/** Kilobytes with a little air: a library that slips in exceeds them. Raise one deliberately. */
const mostKilobytes: Record<string, number> = {
  'agent-api': 730,
  'collect-events': 640,
  converse: 710,
  'decide-follow-ups': 520,
  'describe-api': 210,
  'install-receipt-rule': 350,
  'lookup-customer': 670,
  'manage-preferences': 530,
  'project-timeline': 610,
  'receive-call': 640,
  'receive-delivery-event': 500,
  'receive-email': 880,
  'repair-leaf': 610,
  'send-message': 990,
  'sweep-due': 400,
};

let built: BuiltFunctions;
let inputs: Map<string, string[]>;

beforeAll(async () => {
  built = await buildFunctions();
  const { outputs } = JSON.parse(await readFile(join(built.outDir, 'meta.json'), 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, unknown> }>;
  };
  inputs = new Map(
    Object.entries(outputs).flatMap(([path, output]) => {
      const name = /([^/]+)\/index\.mjs$/.exec(path)?.[1];
      return name === undefined ? [] : [[name, Object.keys(output.inputs)] as const];
    }),
  );
}, 60_000);

describe.each(functionNames)('the bundle of %s', (name) => {
  it('is no larger than stated', () => {
    const bytes = built.functions.find((one) => one.name === name)?.bytes ?? Number.NaN;
    expect(bytes / 1024).toBeLessThan(mostKilobytes[name] ?? 0);
  });

  it('is one minified ES module whose source map lies beside it', async () => {
    expect((await readdir(join(built.outDir, name))).sort()).toEqual(['index.mjs', 'index.mjs.map']);
    const code = await readFile(join(built.outDir, name, 'index.mjs'), 'utf8');
    expect(code).toMatch(/export\{[^}]* as handler[,}]/);
    expect(code).toContain('//# sourceMappingURL=index.mjs.map');
    // Long texts keep their lines; code does not.
    expect(code.length / code.split('\n').length).toBeGreaterThan(500);
  });

  it('brings no source of credentials but the environment, no fetching for mails, no parser of styles', () => {
    const files = inputs.get(name) ?? [];
    expect(files.length).toBeGreaterThan(0);
    const unused =
      /node_modules\/(?:@\w+\/(?:credential-provider-(?!env)|nested-clients)|nodemailer\/.*\/fetch\/|postcss\/)/;
    expect(files.filter((file) => unused.test(file))).toEqual([]);
  });
});
