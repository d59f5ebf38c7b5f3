import type { Stored } from './storedTable.ts';

/** What fails is put off by minutes, twice as long each time. */
const patienceMs = 6 * 60 * 60 * 1000;

/**
 * Snoozes: each comes back by the clock once, not before its time, and not long after it. What that does to its
 * conversation is checked with all else that happened to it.
 */
export function checkWoken(interactions: readonly Stored[], sweptUntilMs: number | undefined): string[] {
  const snoozes = interactions.filter(({ type }) => type === 'conversation.snoozed');
  const woken = interactions.filter(({ type }) => type === 'conversation.woken');
  const untilOf = ({ properties }: Stored) => Date.parse(String(properties.until));
  const forgotten = snoozes.flatMap((snooze) => {
    const times = woken.filter(({ properties }) => properties.snooze === snooze.id).length;
    const isOverdue = untilOf(snooze) + patienceMs <= (sweptUntilMs ?? 0);
    if (times > 1) return [`due: ${snooze.id} came back ${times} times`];
    return isOverdue && times === 0 ? [`due: ${snooze.id} was never woken`] : [];
  });
  const mistaken = woken.flatMap(({ id, properties, receivedAtMs }) => {
    const snooze = snoozes.find((one) => one.id === properties.snooze);
    if (snooze === undefined || snooze.properties.message !== properties.message)
      return [`due: ${id} wakes what never slept`];
    return receivedAtMs < untilOf(snooze) ? [`due: ${id} wakes before its time`] : [];
  });
  return [...forgotten, ...mistaken];
}
