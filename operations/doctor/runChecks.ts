import type { DeploymentSettings } from '../deployment/settings.ts';
import type { DoctorPorts } from './ports.ts';

export type Finding = { verdict: 'green'; says: string } | { verdict: 'red'; says: string; fix: string };

/** One prerequisite: what it asks of the world, and what follows from the answer. */
export interface Check {
  name: string;
  look(ports: DoctorPorts, settings: DeploymentSettings): Promise<Finding>;
}

export type CheckResult = { name: string } & Finding;

export function green(says: string): Finding {
  return { verdict: 'green', says };
}

export function red(says: string, fix: string): Finding {
  return { verdict: 'red', says, fix };
}

/** Every check, in its order. What could not be asked is red too: nobody knows. */
export function runChecks(
  checks: readonly Check[],
  ports: DoctorPorts,
  settings: DeploymentSettings,
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async ({ look, name }) => {
      try {
        return { name, ...(await look(ports, settings)) };
      } catch (error) {
        const says = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        return {
          name,
          ...red(`could not be asked: ${says}`, 'Check the network and the credentials (aws sts get-caller-identity).'),
        };
      }
    }),
  );
}

/** One line per check, with the way out below a red one. */
export function report(results: readonly CheckResult[]): string[] {
  const lines = results.flatMap((result) => {
    const line = `${result.verdict.padEnd(7)}${result.name.padEnd(27)}${result.says}`;
    return result.verdict === 'red' ? [line, `       → ${result.fix}`] : [line];
  });
  const reds = results.filter(({ verdict }) => verdict === 'red').length;
  return [...lines, `${results.length - reds} green, ${reds} red`];
}
