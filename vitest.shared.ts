import { defineConfig } from 'vitest/config';

/** The same for every project: a JSON report for the count at the end of the test run, and the list on the screen. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/vitest.json' },
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
