/** Milliseconds since the epoch. The clock is an input: only `functions/*\/index.ts` passes the real one. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
