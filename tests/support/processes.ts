import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  /** The command line; where /proc tells it, its parts are separated by zero characters. */
  command: string;
}

/** Every process whose command line names the data directory: the engine's among them. */
export function processesOf(dataDir: string): RunningProcess[] {
  return allProcesses().filter(({ command }) => command.includes(dataDir));
}

/** The engine itself, as against its keeper. */
export function engineOf(dataDir: string): RunningProcess {
  const engine = processesOf(dataDir).find(
    ({ command }) => /^\S*dynoxide\0/.test(command) || /^\S*dynoxide serve/.test(command),
  );
  if (!engine) throw new Error('The engine runs as a child.');
  return engine;
}

/** From /proc where there is one: the smallest machines have no ps. */
function allProcesses(): RunningProcess[] {
  if (!existsSync('/proc/self/cmdline')) {
    const lines = execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line.replace(/^\s*\d+\s+/, '') }));
  }
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }] : [];
    } catch {
      return [];
    }
  });
}
