import { type ChildProcess, spawn } from 'node:child_process';

/** A child process and how it ends. */
export interface TetheredChild {
  /** The process id of the keeper, which is also the id of the process group. */
  pid: number;
  /** Lines of standard output and standard error as they come. */
  onLine(listener: (line: string) => void): void;
  /** Resolves when the program has ended, whoever ended it. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

// The keeper waits for the end of its standard input, which the kernel closes however the parent ends, SIGKILL included.
const keeper =
  'rubbish=$1; shift; "$@" </dev/null & child=$!; exec >/dev/null 2>&1; read -r _; kill -9 "$child"; wait; [ -z "$rubbish" ] || rm -rf -- "$rubbish"';

/**
 * Starts a program that cannot outlive this process: not after a crash and not after SIGKILL.
 * The directory `rubbish`, if given, is deleted after its end.
 */
export function spawnTethered(program: string, args: readonly string[], rubbish = ''): TetheredChild {
  const child = spawn('/bin/sh', ['-c', keeper, 'keeper', rubbish, program, ...args], {
    // A group of its own: Ctrl-C in a terminal reaches only the parent, which stops things in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const listeners: ((line: string) => void)[] = [];
  // Only the program itself still holds its output: when that closes, it has ended.
  const outputClosed = new Promise<void>((resolve) => child.stdout.once('close', resolve));
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  forwardLines(child, listeners);
  child.stdin.on('error', () => undefined);
  const ended = Promise.race([outputClosed, exited]);
  ended.then(() => child.stdin.end()).catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    onLine: (listener) => {
      listeners.push(listener);
    },
    ended,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

function forwardLines(child: ChildProcess, listeners: readonly ((line: string) => void)[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) for (const listener of listeners) listener(line);
    });
  }
}
