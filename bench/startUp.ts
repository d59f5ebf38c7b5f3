import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type BuiltFunctions, buildFunctions } from '../infra/buildFunctions.ts';
import { functionEnvironment } from '../local/functions/functionEnvironment.ts';
import type { Platform } from '../local/platform.ts';
import { bareFile, buildBareHandlers } from './bareHandlers.ts';
import type { Row } from './row.ts';

/** Starts of each: enough for a median that one disturbed start does not move. */
const starts = 9;
/** What a start may take, as a multiple of the start of a bare handler with the same SDK clients. */
const promisedRatio = 1.3;

interface Start {
  bundle: string;
  environment: Record<string, string>;
}

/** What passed in a fresh process until its handler was ready. */
interface Readiness {
  milliseconds: number;
  /** Time of a processor, which other work on the machine hardly stretches. */
  processorMs: number;
}

/**
 * How large each function's bundle is, and how long a fresh process takes until its handler is ready, beside an empty
 * function and a bare handler that has the same SDK clients and, where the function does, reads its parameters.
 * Medians of one run; a ratio is of the processor's time, over pairs that started one right after the other.
 */
export async function startUpRows(platform: Platform): Promise<Row[]> {
  const built = await buildFunctions();
  const clients = await clientsByFunction(built);
  const sets = [...new Set(['', ...clients.values()])];
  const directory = await buildBareHandlers(sets);
  try {
    const measured = platform.deployment.ofType('AWS::Lambda::Function').map((resource) => {
      const name = resource.physicalId.slice(platform.deployment.stackName.length + 1);
      const environment = functionEnvironment(resource, platform.endpoints, built.outDir);
      const set = clients.get(name) ?? '';
      const own: Start = { bundle: join(built.outDir, name, 'index.mjs'), environment };
      const bare: Start = { bundle: join(directory, bareFile(set)), environment };
      return { name, set, own, bare, pairs: [] as { own: Readiness; bare: Readiness }[] };
    });
    // The first round only warms the file system's cache. Whatever disturbs the machine disturbs all in turns.
    for (let round = 0; round <= starts; round++) {
      for (const { own, bare, pairs } of measured) {
        const pair = { own: await startToReady(own), bare: await startToReady(bare) };
        if (round > 0) pairs.push(pair);
      }
    }
    const bareRows = sets.map((set): Row => {
      const all = measured.filter((one) => one.set === set).flatMap(({ pairs }) => pairs);
      const milliseconds = median(all.map(({ bare }) => bare.milliseconds));
      return { name: `start-up: ${nameOf(set)}`, value: rounded(milliseconds), unit: 'ms' };
    });
    return [
      ...bareRows,
      ...measured.flatMap(({ name, set, pairs }): Row[] => [
        { name: `start-up: ${name}, bundle size`, value: kilobytesOf(built, name), unit: 'KB' },
        {
          name: `start-up: ${name}`,
          value: rounded(median(pairs.map(({ own }) => own.milliseconds))),
          unit: 'ms',
        },
        {
          name: `start-up: ${name}, beside ${nameOf(set)}`,
          value: rounded(median(pairs.map(({ own, bare }) => own.processorMs / bare.processorMs)), 2),
          unit: 'times its processor time',
          promise: promisedRatio,
        },
      ]),
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The SDK clients in each bundle, such as `dynamodb ssm`. */
async function clientsByFunction({ functions, outDir }: BuiltFunctions): Promise<Map<string, string>> {
  const { outputs } = JSON.parse(await readFile(join(outDir, 'meta.json'), 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, unknown> }>;
  };
  return new Map(
    functions.map(({ name }) => {
      const [, output] = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`)) ?? [];
      const inputs = Object.keys(output?.inputs ?? {});
      const found = inputs.flatMap((path) => /@aws-sdk\/client-([^/]+)\//.exec(path)?.[1] ?? []);
      return [name, [...new Set(found)].sort().join(' ')];
    }),
  );
}

/** Starts a fresh process and imports a bundle, whose initialisation code is then done. */
async function startToReady({ bundle, environment }: Start): Promise<Readiness> {
  const script = [
    'await import(process.argv[1]);',
    'const { system, user } = process.cpuUsage();',
    'const readiness = { milliseconds: performance.now(), processorMs: (system + user) / 1000 };',
    // Whatever the initialisation wrote stands before; open connections would keep the process.
    "process.stdout.write('\\n' + JSON.stringify(readiness), () => process.exit());",
  ].join('\n');
  const parameters = ['--input-type=module', '--eval', script, pathToFileURL(bundle).href];
  const { stdout } = await run(process.execPath, parameters, { env: environment });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
}

const run = promisify(execFile);

function nameOf(set: string): string {
  return set === '' ? 'an empty function' : `a bare handler of ${set.replaceAll(' ', ', ')}`;
}

function kilobytesOf({ functions }: BuiltFunctions, wanted: string): number {
  return Math.ceil((functions.find(({ name }) => name === wanted)?.bytes ?? Number.NaN) / 1024);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
