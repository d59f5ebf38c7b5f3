import { createMemoryDynamo } from './memoryDynamo.ts';
import type { Stage } from './stage.ts';

export const inMemory: Stage = {
  open: async () => {
    const { changes, execute, items } = createMemoryDynamo();
    return { changes, execute, items: async () => items(), close: async () => undefined };
  },
};

/** Plays in memory, or on an embedded engine of its own, which is loaded only where it is asked for. */
export async function onStage<T>(isOnEngine: boolean, play: (stage: Stage) => Promise<T>): Promise<T> {
  if (!isOnEngine) return play(inMemory);
  const { startEngineStage } = await import('./engineDynamo.ts');
  const stage = await startEngineStage();
  try {
    return await play(stage);
  } finally {
    await stage.stop();
  }
}
