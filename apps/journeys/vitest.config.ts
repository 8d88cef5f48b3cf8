import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** One Kafka for all files; two files side by side, for a file mostly waits for four processes. */
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      // Taken down from the last to the first: what was printed is looked at when all else has ended.
      globalSetup: ['src/world/printed-by-the-run.ts', 'src/world/kafka-for-the-run.ts'],
      maxWorkers: 2,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }),
);
