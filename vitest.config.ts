import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Every test file is a process of its own, and starts more: each compiles the same libraries.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'cdk.out', 'compiled');

export default defineConfig({
  test: {
    projects: [
      // Pure rules keep nothing between files: they load what they have in common once per process.
      { extends: true, test: { name: 'domain', include: ['tests/domain/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: {
          name: 'services',
          include: ['tests/**/*.test.ts'],
          // What takes long or needs more than Node has a step of its own.
          exclude: ['tests/domain/**', 'tests/browser/**', 'tests/docs/snippets*', 'tests/faults/badDays*'],
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // The embedded engine is a child process per test file: two cores serve four files well, more only queue.
    maxWorkers: 4,
    onConsoleLog: () => undefined,
  },
});
