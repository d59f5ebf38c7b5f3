import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { runTool } from '../runTool.ts';
import { type CheckResult, linesOf } from './result.ts';

/** dependency-cruiser: who may import whom, and no circles. */
export async function checkImports(directory: string): Promise<CheckResult> {
  const present = rooms.filter((room) => existsSync(join(directory, room)));
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...present];
  const { stdout, stderr } = await runTool('depcruise', args, directory);
  const parsed = cruiseSchema.safeParse(parseJson(stdout));
  if (!parsed.success) return { name: 'imports', looked: 0, faults: linesOf(`${stdout}\n${stderr}`) };
  const { summary, modules } = parsed.data;
  const own = modules.filter(
    ({ source }) => !source.includes('node_modules/') && source.endsWith('.ts') && existsSync(join(directory, source)),
  );
  const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  const unread = await filesNotUnderstood(directory, own);
  return { name: 'imports', looked: own.length, faults: [...broken, ...unread] };
}

/** A parser that does not know the syntax skips a file in silence, and every rule holds for it. */
async function filesNotUnderstood(directory: string, modules: Module[]): Promise<string[]> {
  const silent = modules.filter(({ dependencies }) => dependencies.length === 0);
  const texts = await Promise.all(silent.map(({ source }) => readFile(join(directory, source), 'utf8')));
  return silent.flatMap(({ source }, index) =>
    /^import .*'[^']+';$/m.test(texts[index] ?? '') ? [`no import was seen in ${source}`] : [],
  );
}

const rooms = ['infra', 'functions', 'shared', 'web', 'local', 'operations', 'tests', 'bench', '.ci'];

const moduleSchema = z.object({ source: z.string(), dependencies: z.array(z.unknown()) });
type Module = z.infer<typeof moduleSchema>;

const cruiseSchema = z.object({
  modules: z.array(moduleSchema),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
