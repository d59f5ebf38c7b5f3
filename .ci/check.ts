import { checkImports } from './checks/checkImports.ts';
import { checkStyle } from './checks/checkStyle.ts';
import { checkTypes } from './checks/checkTypes.ts';
import { checkUnused } from './checks/checkUnused.ts';
import type { Check, CheckResult } from './checks/result.ts';
import { repository } from './runTool.ts';

/** Runs every check at once; the results come in the order of `checks`. */
export function runChecks(directory: string): Promise<CheckResult[]> {
  return Promise.all(checks.map((check) => check(directory)));
}

const checks: Check[] = [checkTypes, checkStyle, checkImports, checkUnused];

/** One line per check, with the faults below a failed one. A check that looked at nothing has failed. */
export function report({ name, looked, faults }: CheckResult): string {
  const all = looked > 0 ? faults : [...faults, 'It looked at nothing.'];
  const verdict = all.length === 0 ? 'pass' : 'FAIL';
  return [`${verdict}  ${name.padEnd(8)} ${looked} files`, ...all.map((fault) => `      ${fault}`)].join('\n');
}

/** Whether the check looked at something and found no fault. */
export function passed({ looked, faults }: CheckResult): boolean {
  return looked > 0 && faults.length === 0;
}

if (import.meta.main) {
  const results = await runChecks(repository);
  process.stdout.write(`${results.map(report).join('\n')}\n`);
  process.exitCode = results.every(passed) ? 0 : 1;
}
