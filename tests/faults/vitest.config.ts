import { defineConfig } from 'vitest/config';

/** The bad days, and what `npm test` does at a smaller size. */
export default defineConfig({
  test: {
    include: ['tests/faults/badDays*.test.ts', 'tests/flows/realSdks.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Each file runs a platform of its own, with its engine: more than two at once only queue.
    maxWorkers: 2,
    onConsoleLog: () => undefined,
    env: { SDK_EVENTS: '5000' },
  },
});
