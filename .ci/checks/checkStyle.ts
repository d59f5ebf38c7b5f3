import { runTool } from '../runTool.ts';
import { type CheckResult, linesOf } from './result.ts';

/** Biome: format and lint. */
export async function checkStyle(directory: string): Promise<CheckResult> {
  const { exitCode, stdout, stderr } = await runTool(
    'biome',
    ['ci', '--colors=off', '--error-on-warnings', '.'],
    directory,
  );
  const looked = Number(/Checked (\d+) files?/.exec(`${stdout}\n${stderr}`)?.[1] ?? 0);
  return { name: 'style', looked, faults: exitCode === 0 ? [] : linesOf(`${stdout}\n${stderr}`) };
}
