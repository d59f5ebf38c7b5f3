import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../runTool.ts';
import { type CheckResult, linesOf } from './result.ts';

/** The TypeScript compiler over everything; pages have a configuration of their own, since they run in browsers. */
export async function checkTypes(directory: string): Promise<CheckResult> {
  const present = projects.filter((project) => existsSync(join(directory, project)));
  const results = await Promise.all(present.map((project) => checkProject(directory, project)));
  return {
    name: 'types',
    looked: results.reduce((sum, { looked }) => sum + looked, 0),
    faults: results.flatMap(({ faults }) => faults),
  };
}

const projects = ['tsconfig.json', 'web/tsconfig.json'];

async function checkProject(directory: string, project: string): Promise<{ looked: number; faults: string[] }> {
  const args = ['-p', project, '--listFiles', '--pretty', 'false'];
  const { exitCode, stdout, stderr } = await runTool('tsc', args, directory);
  const isFile = (line: string) => line.startsWith('/');
  const lines = linesOf(stdout);
  const looked = lines.filter((line) => isFile(line) && !line.includes('/node_modules/')).length;
  return { looked, faults: exitCode === 0 ? [] : [...lines.filter((line) => !isFile(line)), ...linesOf(stderr)] };
}
