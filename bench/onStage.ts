import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** What a stage tells when it is ready. */
export interface Ready {
  url: string;
  keys: Record<string, string>;
  table: { endpoint: string; name: string };
}

export type Question = 'drain' | 'memory';

/** A platform in a process of its own. */
export interface Stage extends Ready {
  /** Resolves when everything is projected; rejects after a minute. */
  drain(): Promise<void>;
  /** The most memory that the process had at once, in megabytes: the platform with its functions, without the engine. */
  peakMegabytes(): Promise<number>;
}

/** Measures on a platform in a process of its own, which ends afterwards. Rejects where it ends before. */
export async function onStage<T>(measure: (stage: Stage) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, 'stage.ts'), { execArgv: [] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const early = ended.then((): never => {
    throw new Error('The platform ended by itself.');
  });
  early.catch(() => undefined);
  const ask = async (question: Question) => {
    const answered = nextMessage(child);
    child.send(question);
    const answer = await Promise.race([answered, early]);
    if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(String(answer.error));
    return answer;
  };
  try {
    const ready = (await Promise.race([nextMessage(child), early])) as Ready;
    return await measure({
      ...ready,
      drain: async () => {
        await ask('drain');
      },
      peakMegabytes: async () => Number(await ask('memory')),
    });
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}
