import { playDemo } from './demo/playDemo.ts';
import type { Told } from './demo/readTold.ts';
import { describeReady } from './describeReady.ts';
import { registerConsole } from './pages/registerConsole.ts';
import { type Flags, parseFlags, usage } from './parseFlags.ts';
import { type Platform, startPlatform } from './platform.ts';

/*
 * `npm start`. Standard output carries what a person, or with --json a program, waits for; everything else goes to
 * standard error. The first Ctrl-C stops in order, the second at once.
 */

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
// As on Lambda: local time is UTC.
process.env.TZ = 'UTC';
// Data, keys and logs are for whoever started this.
process.umask(0o077);
// A reader that saw the line it waited for may close the pipe.
process.stdout.on('error', () => undefined);

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) say(usage.trimEnd());
  else await run(flags);
} catch (error) {
  complain(sentence(error));
  process.exitCode = 1;
  // A part that did not let go must not keep the terminal waiting.
  setTimeout(() => process.exit(), 3_000).unref();
}

async function run(flags: Flags): Promise<void> {
  const interrupted = onInterrupt();
  const platform = await startPlatform({
    ...flags,
    ...(flags.assembly ? { templateDir: flags.assembly } : {}),
    log: flags.json ? complain : say,
    signal: interrupted.signal,
  });
  if (!interrupted.signal.aborted) {
    const told = await showDemo(platform, flags);
    for (const line of describeReady(platform, { ...flags, told, timeZone })) say(line);
  }
  const failure = await Promise.race([interrupted.requested, platform.failed]);
  if (failure) {
    complain(failure);
    process.exitCode = 1;
  }
  await stopped(platform);
}

/** Plays the story where it is wanted; a story that fails is told and does not keep the platform from running. */
async function showDemo(platform: Platform, flags: Flags): Promise<Told | undefined> {
  const told = flags.demo && !flags.assembly ? await played(platform) : undefined;
  registerConsole({ register: platform.registerLocalRoute, keys: platform.keys, told });
  return told;
}

async function played(platform: Platform): Promise<Told | undefined> {
  try {
    return await playDemo(platform);
  } catch (error) {
    complain(`The demo story did not play to its end: ${sentence(error)}`);
    return undefined;
  }
}

async function stopped(platform: Platform): Promise<void> {
  await platform.stop();
  // A timer or socket that a part forgot must not keep the terminal waiting.
  process.exit();
}

/** The second signal ends the process at once; its children end with it. */
function onInterrupt(): { signal: AbortSignal; requested: Promise<undefined> } {
  const abort = new AbortController();
  const requested = new Promise<undefined>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (abort.signal.aborted) process.exit(130);
        abort.abort(new Error('Interrupted while starting.'));
        resolve(undefined);
      });
    }
  });
  return { signal: abort.signal, requested };
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${String(error.port)} is taken: stop what listens there or start with npm start -- --port 0.`;
  }
  return error.name === 'AbortError' ? 'Interrupted while starting.' : error.message;
}
