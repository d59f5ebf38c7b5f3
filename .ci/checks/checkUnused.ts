import { join } from 'node:path';
import { runTool } from '../runTool.ts';
import { type CheckResult, linesOf } from './result.ts';

/** knip: files, exports and dependencies that nobody uses. */
export async function checkUnused(directory: string): Promise<CheckResult> {
  const counter = join(import.meta.dirname, 'countFiles.ts');
  const args = ['--no-progress', '--reporter', 'compact', '--reporter', counter];
  const { exitCode, stdout, stderr } = await runTool('knip', args, directory);
  const looked = Number(/^files: (\d+)$/m.exec(stdout)?.[1] ?? 0);
  const findings = linesOf(stdout).filter((line) => !line.startsWith('files: '));
  return { name: 'unused', looked, faults: exitCode === 0 ? [] : [...findings, ...linesOf(stderr)] };
}
